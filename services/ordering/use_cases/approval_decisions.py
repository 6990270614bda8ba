"""Decisions on approvals, and what follows: the next tier, the order goes on, or it ends."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from ordering.domain.approval_flows import DUE_AFTER, Flow, Said, is_self, outcome
from ordering.errors.approvals import (
    ApprovalChanged,
    ApprovalEnded,
    ApprovalNotFound,
    NotAnApprover,
    ReasonNeeded,
    SelfApproval,
)
from ordering.events import approvals as events
from ordering.queries import company as of_company
from ordering.tables.approvals import approval_candidates, approval_decisions, approval_delegations, approval_flows
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.approval_routing import as_candidates, pending_below, people_of, route, tier_of
from ordering.use_cases.approvals import as_flow
from ordering.use_cases.store import Record

Body = Mapping[str, Any]


class Orders(Protocol):
    """What happens to an order once its approval has ended."""

    def approved(self, session: Session, order_id: str, flow: Flow, /) -> None: ...

    def rejected(self, session: Session, order_id: str, flow: Flow, reason: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides. `may_approve` says whether its roles let it approve for a customer, `staff` that it is of the
    provider."""

    account_id: str
    label: str
    channel: str
    may_approve: Callable[[str], bool]
    staff: bool


@dataclass(frozen=True, slots=True)
class _Seat:
    """In whose place somebody decides."""

    account_id: str
    label: str | None


def decide(session: Session, flow_id: str, by: Decider, body: Body, orders: Orders) -> None:
    """Approves or rejects. The same decision sent again changes nothing and succeeds. Raises ApprovalNotFound,
    SelfApproval, NotAnApprover, ApprovalEnded, ApprovalChanged where somebody else decided first, and ReasonNeeded."""
    with _locked(session, flow_id) as flow:
        decisions = _decisions(session, [flow_id])[flow_id]
        seat = _seat(session, flow, by, body.get("on_behalf_of"))
        if _said_before(decisions, seat, by, body["decision"]):
            return
        _check(flow, body)
        _join(session, flow, by, seat)
        decision = _decision(session, flow, by, seat, body)
        session.execute(insert(approval_decisions).values(decision))
        _settle(session, [flow], {flow_id: [*decisions, decision]}, orders, decision)


@contextmanager
def deciding(session: Session, flow_id: str, by: Decider, body: Body) -> Iterator[Record]:
    """Within the block a pending approval is locked, about which the caller may decide now. Raises what a decision
    raises."""
    with _locked(session, flow_id) as flow:
        _seat(session, flow, by, body.get("on_behalf_of"))
        _check(flow, body)
        yield flow


@contextmanager
def _locked(session: Session, flow_id: str) -> Iterator[Record]:
    seen = store.find(session, approval_flows, flow_id)
    if seen is None:
        raise ApprovalNotFound("There is no such approval.")
    with as_service(session):
        # An order's own commands lock the order first and its approval then; so does this one.
        session.execute(_LOCK_ORDER, {"id": seen["order_id"]})
        flow = store.find(session, approval_flows, flow_id, lock=True)
        assert flow is not None, "approvals are never removed"
        yield flow


def reroute(session: Session, node: str, orders: Orders) -> None:
    """Finds anew who may decide on what is pending at a node and below it, since its people or their roles changed.
    Decisions that were made stay."""
    flows = pending_below(session, node)
    if not flows:
        return
    ids = [flow["id"] for flow in flows]
    before = people_of(session, ids)
    known = {flow["id"]: list(flow["staff_for"]) for flow in flows}
    after = route(session, flows, of_company.rates_on(session, store.moment(session)))
    changed = [
        flow for flow in flows if after[flow["id"]] != before[flow["id"]] or flow["staff_for"] != known[flow["id"]]
    ]
    _settle(session, changed, _decisions(session, [flow["id"] for flow in changed]), orders)


def _settle(
    session: Session,
    flows: Sequence[Record],
    decisions: Mapping[str, Sequence[Record]],
    orders: Orders,
    decision: Record | None = None,
) -> None:
    """Carries approvals on as far as their decisions lead, writes them, and tells."""
    people = people_of(session, [flow["id"] for flow in flows])
    for flow in flows:
        result = _carry_on(session, flow, people, decisions[flow["id"]])
        flow |= {"version": flow["version"] + 1, "updated_at": store.moment(session)}
        told = "requested" if decision is None else "decided"
        outbox.add(session, events.approval(told, flow, people[flow["id"]], decision))
        if result == "pending":
            continue
        _finish(session, flow, result, decision)
        outbox.add(session, events.approval(flow["status"], flow, people[flow["id"]], decision))
    store.update(session, approval_flows, flows)
    for flow in flows:
        if flow["status"] == "approved":
            orders.approved(session, flow["order_id"], as_flow(flow))
        elif flow["status"] == "rejected":
            orders.rejected(session, flow["order_id"], as_flow(flow), flow["reason"])


def _carry_on(session: Session, flow: Record, people: dict[str, list[Record]], said: Sequence[Record]) -> str:
    """Where an approval stands, at the next tier wherever one is satisfied: who has approved is not asked again."""
    by_seat = {row["account_id"]: Said(row["account_id"], row["actor_id"], row["decision"]) for row in said}
    while True:
        result = outcome(tier_of(flow), as_candidates(people[flow["id"]]), by_seat.values())
        if result != "satisfied" or flow["tier"] == len(flow["tiers"]):
            return result
        now = store.moment(session)
        flow |= {"tier": flow["tier"] + 1, "escalation_level": 0, "due_at": now + DUE_AFTER}
        store.update(session, approval_flows, [flow])
        people |= route(session, [flow], of_company.rates_on(session, now))


def _finish(session: Session, flow: Record, result: str, decision: Record | None) -> None:
    rejected = result == "rejected"
    flow |= {
        "status": "rejected" if rejected else "approved",
        "reason": decision["comment"] if rejected and decision else None,
        "ended_at": store.moment(session),
        "version": flow["version"] + 1,
    }


def _check(flow: Record, body: Body) -> None:
    if flow["status"] != "pending":
        raise ApprovalEnded(
            f"The approval is {flow['status']}; read the order again to see how it goes on.",
            facts={"status": flow["status"], "current_version": flow["version"]},
        )
    if flow["version"] != body["version"]:
        raise ApprovalChanged(
            "Somebody else decided in the meantime; read the approval again and decide about what it is now.",
            facts={"current_version": flow["version"]},
        )
    if body.get("decision") == "reject" and not body.get("comment"):
        raise ReasonNeeded("Say in `comment` why it is rejected; the requester reads it.")


def _seat(session: Session, flow: Record, by: Decider, wanted: str | None) -> _Seat:
    """In whose place the caller decides: its own where it may, else that of somebody who lets it decide."""
    if is_self(flow["behind"], by.account_id, wanted) and not flow["self_approval"]:
        raise SelfApproval("You asked for this order, so somebody else decides; also in the place of another.")
    people = {one["account_id"] for one in people_of(session, [flow["id"]])[flow["id"]]}
    seats = _own_seats(flow, by, people) + _lent_seats(session, flow, by, people)
    for seat in seats:
        if wanted in {None, seat.account_id}:
            return seat
    raise NotAnApprover(
        "You are not among those who may decide now; `approvers` of the approval names them.",
        facts={"approvers": sorted(people)},
    )


def _own_seats(flow: Record, by: Decider, people: set[str]) -> list[_Seat]:
    may = by.account_id in people or (by.staff and bool(flow["staff_for"]))
    return [_Seat(by.account_id, by.label)] if may and by.may_approve(flow["customer_id"]) else []


def _lent_seats(session: Session, flow: Record, by: Decider, people: set[str]) -> list[_Seat]:
    of = approval_delegations.c
    now = store.moment(session)
    line = of_company.lines_of(session, [flow["customer_id"]])[flow["customer_id"]]
    statement = (
        select(of.delegator_id, of.delegator_label)
        .where(
            of.delegate_id == by.account_id,
            of.starts_at <= now,
            of.ends_at > now,
            of.revoked_at.is_(None),
            of.customer_id.in_(line),
        )
        .order_by(of.id)
    )
    rows = session.execute(statement).all()
    return [_Seat(row.delegator_id, row.delegator_label) for row in rows if row.delegator_id in people]


def _said_before(decisions: Sequence[Record], seat: _Seat, by: Decider, decision: str) -> bool:
    mine = [row for row in decisions if row["account_id"] == seat.account_id]
    return bool(mine) and mine[-1]["actor_id"] == by.account_id and mine[-1]["decision"] == decision


def _join(session: Session, flow: Record, by: Decider, seat: _Seat) -> None:
    """Staff who decide where the company cannot are from then on among those who may."""
    if not by.staff or seat.account_id != by.account_id:
        return
    rows = [
        {
            "flow_id": flow["id"],
            "requirement": place,
            "account_id": by.account_id,
            "customer_id": flow["customer_id"],
            "label": by.label,
            "node": None,
            "via": "staff",
            "complete": True,
            "substitute": True,
        }
        for place in flow["staff_for"]
    ]
    session.execute(upsert(approval_candidates).values(rows).on_conflict_do_nothing())


def _decision(session: Session, flow: Record, by: Decider, seat: _Seat, body: Body) -> Record:
    delegated = seat.account_id != by.account_id
    return {
        "id": new_id(),
        "flow_id": flow["id"],
        "customer_id": flow["customer_id"],
        "tier": flow["tier"],
        "account_id": seat.account_id,
        "actor_id": by.account_id,
        "actor_label": by.label or None,
        "on_behalf_of_label": seat.label if delegated else None,
        "decision": body["decision"],
        "comment": body.get("comment"),
        "self_approval": is_self(flow["behind"], by.account_id, seat.account_id),
        "channel": by.channel,
        "decided_at": store.moment(session),
    }


def _decisions(session: Session, flow_ids: Sequence[str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {flow_id: [] for flow_id in flow_ids}
    of = approval_decisions.c
    for row in session.execute(select(approval_decisions).where(of.flow_id.in_(flow_ids)).order_by(of.id)).mappings():
        found[row["flow_id"]].append(dict(row))
    return found


_LOCK_ORDER = text("SELECT 1 FROM orders WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE")
