"""Who stands where in the company of an order: its line of nodes, the people of each, and which of them may decide."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, literal, select, text
from sqlalchemy.orm import Session

from customer_replica import replica_customers
from ordering.domain.approvers import Company, Holder, holders_of, reaching_line
from ordering.domain.rates import Rates
from ordering.queries.cost_centres import owners_of
from ordering.tables.approvals import approval_policies
from ordering.tables.limits import exchange_rates, purchase_limits
from ordering.tables.metadata import ID
from ordering.tables.people import replica_portal_roles

Record = Mapping[str, Any]

_DEEPEST = 15
# An approval: customer_id, behind, self_approval, total_minor, currency, and the keys of cost_centres where it has any.
Subject = Mapping[str, Any]


def lines_of(session: Session, customer_ids: Sequence[str]) -> dict[str, list[str]]:
    """Each customer with its ancestors, nearest first; one that is not known yet stands alone."""
    found: dict[str, list[str]] = {customer_id: [] for customer_id in customer_ids}
    for start, node in session.execute(_LINES, {"ids": list(found)}):
        found[start].append(node)
    return {customer_id: line or [customer_id] for customer_id, line in found.items()}


def below(node: str) -> CTE:
    """A table of a statement: the ids of a customer and of all below it."""
    start = select(literal(node, ID).label("id"), literal(0).label("height")).cte("below", recursive=True)
    branch = replica_customers.c
    more = select(branch.id, start.c.height + 1).join(start, branch.parent_id == start.c.id)
    return start.union_all(more.where(start.c.height < _DEEPEST))


def rates_on(session: Session, now: datetime) -> Rates:
    """The stored rates that are fresh today."""
    rows = session.execute(select(exchange_rates)).mappings()
    return Rates.on(now.date(), [dict(row) for row in rows])


def companies(session: Session, subjects: Sequence[Subject], rates: Rates) -> list[Company]:
    """The company of each approval, in as few statements for many as for one."""
    lines = lines_of(session, [subject["customer_id"] for subject in subjects])
    nodes = sorted({node for line in lines.values() for node in line})
    access = _access(session, nodes)
    parents = {node: row["accepted_parent_id"] for node, row in access.items()}
    holders = {node: holders_of(node, row["accounts"]) for node, row in access.items()}
    managers: dict[str, set[str]] = {}
    for node, contact in session.execute(_MANAGERS, {"nodes": nodes}):
        managers.setdefault(node, set()).add(contact)
    own_limits = _own_limits(session, nodes)
    keys = sorted({key for subject in subjects for key in subject.get("cost_centres", ())})
    owners = owners_of(session, nodes, keys) if keys else {}
    return [
        replace(
            _company(
                subject, reaching_line(lines[subject["customer_id"]], parents), holders, managers, own_limits, rates
            ),
            owners=_owners(subject, lines[subject["customer_id"]], owners),
        )
        for subject in subjects
    ]


def roles_of(company: Company, account_id: str | None) -> list[str]:
    """The portal roles that an account holds at the node of an order, directly or from above."""
    return sorted(
        {
            role
            for holder in company.holders
            if holder.account_id == account_id and (holder.node == company.line[0] or holder.subtree)
            for role in holder.roles
        }
    )


def self_approval_allowed(session: Session, line: Sequence[str], minor: int, currency: str) -> bool:
    """Whether the policy of the nearest node that has one lets somebody approve an own order of this amount."""
    rows = session.execute(select(approval_policies).where(approval_policies.c.customer_id.in_(line))).mappings()
    by_node = {row["customer_id"]: row for row in rows}
    policy = next((by_node[node] for node in line if node in by_node), None)
    if policy is None or policy["self_approval_minor"] is None:
        return False
    return bool(policy["self_approval_currency"] == currency and minor <= policy["self_approval_minor"])


def _company(
    subject: Subject,
    line: Sequence[str],
    holders: Mapping[str, Sequence[Holder]],
    managers: Mapping[str, set[str]],
    own_limits: Mapping[str, Sequence[Record]],
    rates: Rates,
) -> Company:
    return Company(
        line,
        [holder for node in line for holder in holders.get(node, ())],
        managers.get(line[0], set()),
        () if subject["self_approval"] else tuple(subject["behind"]),
        frozenset(
            limit["account_id"]
            for node in line
            for limit in own_limits.get(node, ())
            if _is_below(limit, subject, rates)
        ),
    )


def _owners(subject: Subject, line: Sequence[str], owners: Mapping[tuple[str, str], str | None]) -> frozenset[str]:
    """Of each cost centre the contact that owns it where it stands nearest to the order."""
    found = (
        next((owners[node, key] for node in line if (node, key) in owners), None)
        for key in subject.get("cost_centres", ())
    )
    return frozenset(owner for owner in found if owner is not None)


def _is_below(limit: Record, subject: Subject, rates: Rates) -> bool:
    total = rates.converted(subject["total_minor"], subject["currency"], limit["currency"])
    return total is None or total.minor > limit["amount_minor"]


def _access(session: Session, nodes: Sequence[str]) -> dict[str, Record]:
    rows = session.execute(select(replica_portal_roles).where(replica_portal_roles.c.customer_id.in_(nodes)))
    return {row["customer_id"]: row for row in map(dict, rows.mappings())}


def _own_limits(session: Session, nodes: Sequence[str]) -> dict[str, list[Record]]:
    of = purchase_limits.c
    statement = select(of.customer_id, of.account_id, of.amount_minor, of.currency).where(
        of.customer_id.in_(nodes),
        of.scope == "user",
        of.kind == "per_order",
        of.status == "active",
        of.action != "warn",
        of.amount_minor.is_not(None),
    )
    found: dict[str, list[Record]] = {}
    for row in session.execute(statement).mappings():
        found.setdefault(row["customer_id"], []).append(dict(row))
    return found


_LINES = text("SELECT start_id::text, id::text FROM customer_line(CAST(:ids AS uuid[])) ORDER BY start_id, height")
_MANAGERS = text(
    """
    SELECT customer_id::text, contact_id::text FROM replica_contact_roles
    WHERE customer_id = ANY (CAST(:nodes AS uuid[])) AND NOT gone AND 'manager' = ANY (roles)
    """
)
