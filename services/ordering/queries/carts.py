"""Carts and saved lists, and how what lies in them stands now."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.errors import NotFound
from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from ordering.domain.carts import Kind, is_complete, totals_of, why_told
from ordering.domain.pricing import PricedLine, line_total
from ordering.errors.carts import CartNotFound, SavedListNotFound
from ordering.queries.pricing import price_lines
from ordering.tables.carts import cart_lines as lines_table
from ordering.tables.carts import carts

_COUNT = (
    select(func.count())
    .where(lines_table.c.cart_id == carts.c.id)
    .select_from(lines_table)
    .correlate(carts)
    .scalar_subquery()
    .label("line_count")
)


def missing(kind: Kind) -> NotFound:
    """What to raise where there is none."""
    return (
        SavedListNotFound("There is no such list.") if kind == "saved_list" else CartNotFound("There is no such cart.")
    )


def cart(session: Session, cart_id: str, kind: Kind = "cart") -> Mapping[str, Any]:
    """Whose cart or list it is, what it is called and its version; raises CartNotFound or SavedListNotFound."""
    row = session.execute(select(carts).where(carts.c.id == cart_id)).mappings().one_or_none()
    if row is None or row["kind"] != kind:
        raise missing(kind)
    return dict(row)


def cart_lines(session: Session, cart_id: str) -> list[tuple[str, int]]:
    """What lies in a cart, as (listing, quantity), in the order in which it was put there."""
    statement = select(lines_table.c.listing_id, lines_table.c.quantity).where(lines_table.c.cart_id == cart_id)
    return [(row.listing_id, row.quantity) for row in session.execute(statement.order_by(lines_table.c.id))]


def cart_page(
    session: Session, kind: Kind, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str
) -> Page:
    """The carts or lists, the newest first; `owner`, `customer_id` and `customer_ids` narrow them."""
    statement = select(carts, _COUNT).where(carts.c.kind == kind)
    if "customer_ids" in filters:
        statement = statement.where(carts.c.customer_id.in_(filters["customer_ids"]))
    for name in ("customer_id", "owner"):
        if name in filters:
            statement = statement.where(carts.c[name] == filters[name])
    found = keyset(session, statement, [Key(carts.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page(found.rows, found.next_cursor)


def priced_cart(session: Session, kind: Kind, cart_id: str, *, on: date, priced: bool) -> Mapping[str, Any]:
    """A cart or list with each line as it stands now, and what they come to; without prices where those are not to be
    shown. Raises CartNotFound or SavedListNotFound."""
    shown = cart(session, cart_id, kind)
    lines = price_lines(session, shown["customer_id"], cart_lines(session, cart_id), on)
    portal: bool = session.info["scope"].is_portal
    document = {
        **shown,
        "line_count": len(lines),
        "lines": [shown_line(line, portal=portal, priced=priced) for line in lines],
        "complete": is_complete(lines),
    }
    if priced:
        document["totals"] = [to_money(minor, currency) for minor, currency in totals_of(lines)]
    return document


def shown_line(line: PricedLine, *, portal: bool, priced: bool) -> Mapping[str, Any]:
    """One line of a cart or list as it stands now."""
    shown = {
        "listing_id": line.listing_id,
        "quantity": line.quantity,
        "sku": line.sku or None,
        "name": line.name or None,
        "kind": line.kind or None,
        "unit": line.unit or None,
        "preorderable": line.preorders,
        "available_from": line.available_from,
        "available": line.visible,
        "why": why_told(line.why, portal=portal),
    }
    if not priced:
        return shown
    unit = line.unit_price_minor
    total = None if unit is None else line_total(line.quantity, unit)
    return shown | {"unit_price": to_money(unit, line.currency), "total": to_money(total, line.currency)}
