"""Which of the newest orders a rule would have asked about, before anybody is bothered by it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.money import to_money
from ordering.domain.approval_facts import asks, facts_of
from ordering.domain.approval_rules import concerns
from ordering.queries import company as of_company
from ordering.tables.orders import orders

Record = Mapping[str, Any]

NEWEST: Final = 100


def preview(session: Session, rule: Record, now: datetime) -> Record:
    """How many of the newest orders of the rule's customer and of those below it were looked at, and those about which
    it would have asked, the newest first. Rates and roles are those of today."""
    rows = [dict(row) for row in session.execute(_ORDERS, {"ids": _newest(session, rule["customer_id"])}).mappings()]
    rates = of_company.rates_on(session, now)
    nodes = sorted({row["customer_id"] for row in rows})
    companies = dict(zip(nodes, of_company.companies(session, [_subject(node) for node in nodes], rates), strict=True))
    matched = []
    for row in rows:
        roles = of_company.roles_of(companies[row["customer_id"]], row["requester_id"])
        if not concerns(rule, row["requester_id"], roles):
            continue
        known = {line["sku"] for line in row["lines"] if line["known"]}
        reason = asks(rule, facts_of(row, row["lines"], roles, known), rates, now)
        if reason is not None:
            matched.append({**row, "reason": reason, "total": to_money(row["total_minor"], row["currency"])})
    return {"examined": len(rows), "matched": matched}


def _newest(session: Session, customer_id: str) -> list[str]:
    of, nodes = orders.c, of_company.below(customer_id)
    statement = select(of.id).join(nodes, nodes.c.id == of.customer_id).where(of.placed_at.is_not(None))
    statement = statement.where(of.currency.is_not(None)).order_by(of.placed_at.desc(), of.id).limit(NEWEST)
    return list(session.execute(statement).scalars())


def _subject(node: str) -> Record:
    return {"customer_id": node, "behind": (), "self_approval": True, "total_minor": 0, "currency": "EUR"}


_ORDERS = text(
    """
    SELECT n.id::text AS order_id, n.number, n.customer_id::text, n.requester_id::text, n.requester_label, n.currency,
           n.total_minor, n.ship_to, n.placed_at, lines.lines
    FROM orders n CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object(
            'sku', l.sku, 'quantity', l.quantity, 'kind', l.kind, 'category', g.category,
            'known', EXISTS (
                SELECT FROM orders e JOIN order_lines k ON k.order_id = e.id
                WHERE e.customer_id = n.customer_id AND e.confirmed_at < n.placed_at AND k.sku = l.sku)
        ) ORDER BY l.position) AS lines
        FROM order_lines l LEFT JOIN listings g ON g.id = l.listing_id WHERE l.order_id = n.id
    ) lines
    WHERE n.id = ANY (CAST(:ids AS uuid[])) AND lines.lines IS NOT NULL
    ORDER BY n.placed_at DESC, n.id
    """
)
