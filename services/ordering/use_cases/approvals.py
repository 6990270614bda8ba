"""Approvals of orders: opened where a rule or a limit asks, superseded by an edit, cancelled with the order.

Called in the transaction that submits, edits or ends the order, which holds the order's row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, cast, func, select, text
from sqlalchemy.orm import Session

from common import outbox, replicas
from common.ids import is_id, new_id
from ordering.domain.approval_facts import asks, facts_of
from ordering.domain.approval_flows import DUE_AFTER, Flow, content_of, covers, hash_of
from ordering.domain.approval_rules import concerns, in_force, merged
from ordering.domain.cost_centres import centres_of
from ordering.domain.rates import Rates
from ordering.events import approvals as events
from ordering.queries import company as of_company
from ordering.tables.approvals import approval_flows, approval_rules
from ordering.tables.metadata import ID
from ordering.use_cases import limits, store
from ordering.use_cases.acting import as_service
from ordering.use_cases.approval_routing import people_of, route
from ordering.use_cases.store import Record

Given = Mapping[str, Any]

# Who decides where a purchase limit asks for an approval and no rule says more.
_LIMIT_TIERS = [{"approvers": [{"kind": "role", "value": "approver"}], "mode": "any"}]


def open_flow(
    session: Session, order: Given, lines: Sequence[Given], limited: Sequence[Given] | None = None
) -> Flow | None:
    """Opens the approval that an order needs, in place of one that is pending; None where no rule and no limit asks for
    one, or where what was approved before still covers the order. The limits that ask, `{id, name, reason}`, are those
    that the order exceeded when it took of them, where `limited` does not say.

    `order` has `id, number, customer_id, requester_id, requester_label, revision, currency, total_minor, ship_to` and
    may have `placed_by`, another account that acted for the requester; lines have `sku, quantity, kind, listing_id`."""
    with as_service(session):
        replicas.flush(session)
        supersede(session, order["id"])
        rules = _rules(session, order["customer_id"])
        asking = limits.asking_of(session, order["id"]) if limited is None else limited
        if not rules and not asking:
            return None
        content = content_of(order, lines)
        if _is_covered(session, order, content):
            return None
        return _opened(session, order, lines, content, rules, [{**one, "tiers": _LIMIT_TIERS} for one in asking])


def supersede(session: Session, order_id: str) -> None:
    """Ends the pending approval of an order that was edited."""
    _end(session, order_id, "superseded")


def cancel_flow(session: Session, order_id: str, status: str = "cancelled") -> None:
    """Ends the pending approval of an order that ends, `cancelled` or `expired`; does nothing where there is none."""
    _end(session, order_id, status)


def as_flow(record: Given) -> Flow:
    """A row as the rest of the service sees it."""
    return Flow(
        id=record["id"],
        order_id=record["order_id"],
        customer_id=record["customer_id"],
        status=record["status"],
        version=record["version"],
        tier=record["tier"],
        tier_count=len(record["tiers"]),
        total_minor=record["total_minor"],
        currency=record["currency"],
        revision=record["order_revision"],
        content_hash=record["content_hash"],
    )


def _opened(
    session: Session,
    order: Given,
    lines: Sequence[Given],
    content: Given,
    rules: Sequence[Record],
    limited: Sequence[Record],
) -> Flow | None:
    now = store.moment(session)
    rates = of_company.rates_on(session, now)
    subject = {name: order[name] for name in ("customer_id", "total_minor", "currency")}
    subject |= {"behind": _behind(order), "self_approval": False}
    [company] = of_company.companies(session, [subject], rates)
    line = of_company.lines_of(session, [order["customer_id"]])[order["customer_id"]]
    roles = of_company.roles_of(company, order.get("requester_id"))
    concerned = [
        dict(rule) for rule in in_force(rules, line, now.date()) if concerns(rule, order["requester_id"], roles)
    ]
    facts = _facts(session, order, lines, roles) if concerned else {}
    asking = [*_asking(concerned, facts, rates, now), *limited]
    if not asking:
        return None
    allowed = of_company.self_approval_allowed(session, line, order["total_minor"], order["currency"])
    record = {
        "id": new_id(),
        "order_id": order["id"],
        "cost_centres": centres_of(order, lines),
        "order_number": order["number"],
        "order_revision": order["revision"],
        "requester_id": order["requester_id"],
        "requester_label": order["requester_label"],
        **subject,
        "self_approval": allowed,
        "content": content,
        "content_hash": hash_of(content),
        "facts": facts,
        "rules": [{"id": rule["id"], "name": rule["name"], "reason": rule["reason"]} for rule in asking],
        "tiers": [[requirement.to_json() for requirement in tier] for tier in merged(asking)],
        "tier": 1,
        "status": "pending",
        "reason": None,
        "staff_for": [],
        "escalation_level": 0,
        "due_at": now + DUE_AFTER,
        "ended_at": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    store.insert(session, approval_flows, [record])
    people = route(session, [record], rates)[record["id"]]
    store.update(session, approval_flows, [record])
    outbox.add(session, events.approval("requested", record, people))
    return as_flow(record)


def _rules(session: Session, customer_id: str) -> list[Record]:
    """The active rules of a customer and of those above it, by one statement: most orders meet none."""
    line = func.customer_line(cast([customer_id], ARRAY(ID))).table_valued("id").alias("line")
    of = approval_rules.c
    statement = select(approval_rules).join(line, line.c.id == of.customer_id).where(of.status == "active")
    return [dict(row) for row in session.execute(statement).mappings()]


def _asking(rules: Sequence[Record], facts: Given, rates: Rates, now: Any) -> list[Record]:
    found = [(rule, asks(rule, facts, rates, now)) for rule in rules]
    return [rule | {"reason": reason} for rule, reason in found if reason is not None]


def _facts(session: Session, order: Given, lines: Sequence[Given], roles: Sequence[str]) -> Given:
    named = {
        "customer_id": order["customer_id"],
        "order_id": order["id"],
        "skus": [line["sku"] for line in lines],
        "listing_ids": [line["listing_id"] for line in lines if line.get("listing_id")],
    }
    known = session.execute(_KNOWN, named).scalars().all()
    categories = {row.id: row.category for row in session.execute(_CATEGORIES, named)}
    seen = [{**line, "category": categories.get(line.get("listing_id"))} for line in lines]
    return facts_of(order, seen, roles, known)


def _behind(order: Given) -> list[str]:
    """Everybody who asked for an order: its requester, and who acted in its name."""
    return sorted({one for one in (order.get("requester_id"), order.get("placed_by")) if one and is_id(one)})


def _is_covered(session: Session, order: Given, content: Given) -> bool:
    of = approval_flows.c
    statement = select(of.content, of.total_minor).where(of.order_id == order["id"], of.status == "approved")
    approved = session.execute(statement.order_by(of.id.desc()).limit(1)).one_or_none()
    return approved is not None and covers(approved.content, approved.total_minor, content, order["total_minor"])


def _end(session: Session, order_id: str, status: str) -> None:
    with as_service(session):
        of = approval_flows.c
        statement = select(approval_flows).where(of.order_id == order_id, of.status == "pending").with_for_update()
        row = session.execute(statement).mappings().one_or_none()
        if row is None:
            return
        now = store.moment(session)
        record = {str(name): value for name, value in row.items()}
        record |= {"status": status, "ended_at": now, "updated_at": now, "version": row["version"] + 1}
        store.update(session, approval_flows, [record])
        outbox.add(session, events.approval("cancelled", record, people_of(session, [record["id"]])[record["id"]]))


_KNOWN = text(
    """
    SELECT DISTINCT l.sku FROM orders o JOIN order_lines l ON l.order_id = o.id
    WHERE o.customer_id = CAST(:customer_id AS uuid) AND o.id <> CAST(:order_id AS uuid)
      AND o.confirmed_at IS NOT NULL AND l.sku = ANY (:skus)
    """
)
_CATEGORIES = text(
    "SELECT id::text, category FROM listings WHERE id = ANY (CAST(:listing_ids AS uuid[])) AND category IS NOT NULL"
)
