"""Price lists, and the prices in one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from ordering.errors.prices import PriceListNotFound
from ordering.tables.listings import listings
from ordering.tables.prices import price_lists, prices

_FILTERS = ("kind", "target_id", "currency")


def price_list_page(session: Session, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """The lists, by code."""
    statement = select(price_lists)
    for name in _FILTERS:
        if name in filters:
            statement = statement.where(price_lists.c[name] == filters[name])
    found = keyset(session, statement, [Key(price_lists.c.code)], cursor=cursor, limit=limit, scope=scope)
    return Page(found.rows, found.next_cursor)


def price_list(session: Session, list_id: str) -> Mapping[str, Any]:
    """One list; raises PriceListNotFound."""
    row = session.execute(select(price_lists).where(price_lists.c.id == list_id)).mappings().one_or_none()
    if row is None:
        raise PriceListNotFound("There is no such price list.")
    return dict(row)


def price_page(
    session: Session, list_id: str, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str
) -> Page:
    """The prices of a list, by SKU and quantity; raises PriceListNotFound."""
    currency = price_list(session, list_id)["currency"]
    statement = (
        select(prices, listings.c.sku, listings.c.name)
        .join(listings, listings.c.id == prices.c.listing_id)
        .where(prices.c.list_id == list_id)
    )
    if "listing_id" in filters:
        statement = statement.where(prices.c.listing_id == filters["listing_id"])
    keys = [Key(listings.c.sku), Key(prices.c.min_quantity), Key(prices.c.id)]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    shown = [dict(row) | {"price": to_money(row["unit_minor"], currency)} for row in found.rows]
    return Page(shown, found.next_cursor)
