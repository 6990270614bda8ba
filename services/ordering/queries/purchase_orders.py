"""Rules of purchase order numbers, purchase orders, and what was drawn of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from ordering.errors.purchase_orders import PoRuleNotFound, PurchaseOrderNotFound
from ordering.tables.orders import orders
from ordering.tables.purchase_orders import po_drawdowns, po_rules, purchase_orders

Record = Mapping[str, Any]
Filters = Mapping[str, Any]


def po_rule(session: Session, rule_id: str) -> Record:
    """One rule; raises PoRuleNotFound."""
    row = session.execute(select(po_rules).where(po_rules.c.id == rule_id)).mappings().one_or_none()
    if row is None:
        raise PoRuleNotFound("There is no such rule of purchase order numbers.")
    return _rule(dict(row))


def po_rule_page(session: Session, filters: Filters, limit: int, cursor: str | None, scope: str) -> Page:
    """Rules, the oldest first."""
    statement = select(po_rules)
    if "customer_id" in filters:
        statement = statement.where(po_rules.c.customer_id == filters["customer_id"])
    rows = keyset(session, statement, [Key(po_rules.c.id)], cursor=cursor, limit=limit, scope=scope)
    return Page([_rule(dict(row)) for row in rows.rows], rows.next_cursor)


def purchase_order(session: Session, purchase_order_id: str) -> Record:
    """One purchase order; raises PurchaseOrderNotFound."""
    statement = select(purchase_orders).where(purchase_orders.c.id == purchase_order_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise PurchaseOrderNotFound("There is no such purchase order.")
    return _purchase_order(dict(row))


def purchase_order_page(session: Session, filters: Filters, limit: int, cursor: str | None, scope: str) -> Page:
    """Purchase orders, the newest first."""
    of = purchase_orders.c
    statement = select(purchase_orders)
    for name in ("customer_id", "status"):
        if name in filters:
            statement = statement.where(of[name] == filters[name])
    if "number" in filters:
        statement = statement.where(func.lower(of.number) == filters["number"].lower())
    rows = keyset(session, statement, [Key(of.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_purchase_order(dict(row)) for row in rows.rows], rows.next_cursor)


def drawdown_page(session: Session, purchase_order_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """What orders have drawn of a purchase order, the newest order first; raises PurchaseOrderNotFound."""
    currency = purchase_order(session, purchase_order_id)["currency"]
    of = po_drawdowns.c
    statement = (
        select(po_drawdowns, orders.c.number.label("order_number"), orders.c.status.label("order_status"))
        .outerjoin(orders, orders.c.id == of.order_id)
        .where(of.purchase_order_id == purchase_order_id)
    )
    rows = keyset(session, statement, [Key(of.order_id, "desc")], cursor=cursor, limit=limit, scope=scope)
    drawn = [
        {**row, "amount": to_money(row["amount_minor"] - row["given_back_minor"], currency)}
        for row in map(dict, rows.rows)
    ]
    return Page(drawn, rows.next_cursor)


def _rule(row: Record) -> Record:
    return {**row, "required_from": to_money(row["required_from_minor"], row["currency"])}


def _purchase_order(row: Record) -> Record:
    left = max(row["amount_minor"] - row["drawn_minor"], 0)
    amounts = {"amount": row["amount_minor"], "drawn": row["drawn_minor"], "remaining": left}
    return {**row, **{name: to_money(minor, row["currency"]) for name, minor in amounts.items()}}
