"""Who may decide on approvals now, kept beside them so that everybody finds what waits for them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common import replicas
from ordering.domain.approval_rules import Requirement
from ordering.domain.approvers import Candidate, routed
from ordering.domain.rates import Rates
from ordering.queries import company as of_company
from ordering.tables.approvals import approval_candidates, approval_flows
from ordering.use_cases.store import Record

People = dict[str, list[Record]]


def tier_of(flow: Mapping[str, Any]) -> list[Requirement]:
    """The requirements of the tier at which an approval is."""
    return [Requirement.from_json(kept) for kept in flow["tiers"][flow["tier"] - 1]]


def route(session: Session, flows: Sequence[Record], rates: Rates) -> People:
    """Finds and keeps who may decide on pending approvals, and notes on each for which requirements staff may. Those
    who have decided at the tier stay: nobody loses a decision. Returns the people by approval."""
    if not flows:
        return {}
    replicas.flush(session)
    companies = of_company.companies(session, flows, rates)
    rows: list[Record] = []
    for flow, company in zip(flows, companies, strict=True):
        people, flow["staff_for"] = routed(tier_of(flow), company, flow["escalation_level"])
        rows += [asdict(one) | {"flow_id": flow["id"], "customer_id": flow["customer_id"]} for one in people]
    ids = [flow["id"] for flow in flows]
    session.execute(_CLEAR, {"ids": ids})
    if rows:
        session.execute(_ADD, {"rows": orjson.dumps(rows).decode()})
    return people_of(session, ids)


def people_of(session: Session, flow_ids: Sequence[str]) -> People:
    """Those who may decide on approvals now."""
    found: People = {flow_id: [] for flow_id in flow_ids}
    statement = (
        select(approval_candidates)
        .where(approval_candidates.c.flow_id.in_(flow_ids))
        .order_by(approval_candidates.c.requirement, approval_candidates.c.account_id)
    )
    for row in session.execute(statement).mappings():
        found[row["flow_id"]].append(dict(row))
    return found


def as_candidates(people: Sequence[Mapping[str, Any]]) -> list[Candidate]:
    """Rows as the domain takes them."""
    names = ("requirement", "account_id", "node", "via", "label", "complete", "substitute")
    return [Candidate(**{name: row[name] for name in names}) for row in people]


def pending_below(session: Session, node: str) -> list[Record]:
    """Locks the pending approvals of a node and of everything below it."""
    replicas.flush(session)
    of, nodes = approval_flows.c, of_company.below(node)
    ids = session.execute(select(of.id).join(nodes, nodes.c.id == of.customer_id).where(of.status == "pending"))
    statement = select(approval_flows).where(of.id.in_(ids.scalars().all()), of.status == "pending")
    rows = session.execute(statement.order_by(of.id).with_for_update()).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]


_CLEAR = text(
    """
    DELETE FROM approval_candidates c USING approval_flows f
    WHERE f.id = c.flow_id AND f.id = ANY (CAST(:ids AS uuid[])) AND NOT EXISTS (
        SELECT FROM approval_decisions d WHERE d.flow_id = f.id AND d.tier = f.tier AND d.account_id = c.account_id)
    """
)
_ADD = text(
    """
    INSERT INTO approval_candidates (
        flow_id, requirement, account_id, customer_id, label, node, via, complete, substitute
    )
    SELECT flow_id, requirement, account_id, customer_id, label, node, via, complete, substitute
    FROM jsonb_populate_recordset(NULL::approval_candidates, CAST(:rows AS jsonb))
    ON CONFLICT DO NOTHING
    """
)
