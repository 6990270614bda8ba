"""Approvals with who may decide and who has, approval rules, and delegations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, all_, and_, exists, literal, or_, select
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from ordering.domain.approvers import NO_ELIGIBLE_APPROVER
from ordering.errors.approvals import ApprovalNotFound, DelegationNotFound, RuleNotFound
from ordering.tables.approvals import (
    approval_candidates,
    approval_decisions,
    approval_delegations,
    approval_flows,
    approval_policies,
    approval_rules,
)
from ordering.tables.metadata import ID

Record = Mapping[str, Any]
Filters = Mapping[str, Any]


def approval(session: Session, flow_id: str) -> Record:
    """One approval; raises ApprovalNotFound."""
    row = session.execute(select(approval_flows).where(approval_flows.c.id == flow_id)).mappings().one_or_none()
    if row is None:
        raise ApprovalNotFound("There is no such approval.")
    return _shown(session, [dict(row)])[0]


def approval_page(
    session: Session,
    filters: Filters,
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    waiting_for: ColumnElement[bool] | None,
) -> Page:
    """Approvals, the newest first, where given only those that wait for somebody."""
    of = approval_flows.c
    statement: Select[Any] = select(approval_flows)
    for name in ("customer_id", "order_id", "status"):
        if name in filters:
            statement = statement.where(of[name] == filters[name])
    if waiting_for is not None:
        statement = statement.where(of.status == "pending", waiting_for)
    rows = keyset(session, statement, [Key(of.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page(_shown(session, [dict(row) for row in rows.rows]), rows.next_cursor)


def waits_for(account_id: str, now: datetime) -> ColumnElement[bool]:
    """That an approval waits for a portal account: itself, or for somebody in whose place it decides."""
    of, lent, flow = approval_candidates.c, approval_delegations.c, approval_flows.c
    lends = exists().where(
        lent.delegator_id == of.account_id,
        lent.delegate_id == account_id,
        lent.starts_at <= now,
        lent.ends_at > now,
        lent.revoked_at.is_(None),
    )
    # Of this approval; uncorrelated it would be of any, and who has decided once would never be asked again.
    decided = (
        exists()
        .where(
            approval_decisions.c.flow_id == flow.id,
            approval_decisions.c.tier == flow.tier,
            approval_decisions.c.account_id == of.account_id,
        )
        .correlate(approval_flows, approval_candidates)
    )
    asked = exists().where(of.flow_id == flow.id, or_(of.account_id == account_id, lends), ~decided)
    return and_(asked, or_(flow.self_approval, literal(account_id, ID) != all_(flow.behind)))


def waits_for_staff() -> ColumnElement[bool]:
    """That an approval waits for the provider's staff, since nobody of the company can decide or did in time."""
    return approval_flows.c.staff_for != []


def rule(session: Session, rule_id: str) -> Record:
    """One approval rule; raises RuleNotFound."""
    row = session.execute(select(approval_rules).where(approval_rules.c.id == rule_id)).mappings().one_or_none()
    if row is None:
        raise RuleNotFound("There is no such approval rule.")
    return dict(row)


def rule_page(session: Session, filters: Filters, limit: int, cursor: str | None, scope: str) -> Page:
    """Approval rules, the oldest first."""
    of = approval_rules.c
    statement: Select[Any] = select(approval_rules)
    for name in ("customer_id", "status"):
        if name in filters:
            statement = statement.where(of[name] == filters[name])
    rows = keyset(session, statement, [Key(of.id)], cursor=cursor, limit=limit, scope=scope)
    return Page([dict(row) for row in rows.rows], rows.next_cursor)


def policy(session: Session, customer_id: str) -> Record:
    """How far the people of a company may approve orders of their own; without a policy, not at all."""
    of = approval_policies.c
    row = session.execute(select(approval_policies).where(of.customer_id == customer_id)).mappings().one_or_none()
    if row is None:
        return {"customer_id": customer_id, "self_approval_up_to": None, "version": 0}
    up_to = to_money(row["self_approval_minor"], row["self_approval_currency"])
    return {"customer_id": customer_id, "self_approval_up_to": up_to, "version": row["version"]}


def delegation(session: Session, delegation_id: str) -> Record:
    """One delegation; raises DelegationNotFound."""
    of = approval_delegations.c
    row = session.execute(select(approval_delegations).where(of.id == delegation_id)).mappings().one_or_none()
    if row is None:
        raise DelegationNotFound("There is no such delegation.")
    return dict(row)


def delegation_page(session: Session, filters: Filters, limit: int, cursor: str | None, scope: str) -> Page:
    """Delegations, the newest first."""
    of = approval_delegations.c
    statement: Select[Any] = select(approval_delegations)
    for name in ("customer_id", "delegator_id", "delegate_id"):
        if name in filters:
            statement = statement.where(of[name] == filters[name])
    rows = keyset(session, statement, [Key(of.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([dict(row) for row in rows.rows], rows.next_cursor)


def _shown(session: Session, rows: Sequence[Record]) -> list[Record]:
    ids = [row["id"] for row in rows]
    people = _by_flow(session, approval_candidates, ids, approval_candidates.c.requirement)
    decisions = _by_flow(session, approval_decisions, ids, approval_decisions.c.id)
    return [_approval(row, people.get(row["id"], []), decisions.get(row["id"], [])) for row in rows]


def _by_flow(session: Session, table: Any, ids: Sequence[str], order: ColumnElement[Any]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in session.execute(select(table).where(table.c.flow_id.in_(ids)).order_by(order)).mappings():
        found.setdefault(row["flow_id"], []).append(dict(row))
    return found


def _approval(row: Record, people: Sequence[Record], decisions: Sequence[Record]) -> Record:
    return {
        **row,
        "total": to_money(row["total_minor"], row["currency"]),
        "tier_count": len(row["tiers"]),
        "tiers": [_tier(row, place, tier, people) for place, tier in enumerate(row["tiers"], start=1)],
        "with_staff": bool(row["staff_for"]),
        "staff_reason": _staff_reason(row),
        "decisions": [_decision(one) for one in decisions],
        "requested_at": row["created_at"],
    }


def _tier(row: Record, place: int, tier: Sequence[Record], people: Sequence[Record]) -> Record:
    now = place == row["tier"]
    return {
        "place": place,
        "state": "present" if now else "passed" if place < row["tier"] else "ahead",
        "requirements": [
            {
                **requirement,
                "with_staff": now and number in row["staff_for"],
                "may_decide": [one for one in people if now and one["requirement"] == number],
            }
            for number, requirement in enumerate(tier)
        ],
    }


def _staff_reason(row: Record) -> str | None:
    if not row["staff_for"]:
        return None
    return "overdue" if row["escalation_level"] > 2 else NO_ELIGIBLE_APPROVER


def _decision(row: Record) -> Record:
    delegated = row["account_id"] != row["actor_id"]
    return {
        **row,
        "account_id": row["actor_id"],
        "label": row["actor_label"],
        "on_behalf_of": row["account_id"] if delegated else None,
    }
