"""Listings: as staff keep them, and as one customer sees them, at its own prices."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, cut, page_of
from common.web import Page
from customer_replica import effective_switches
from customer_rules.folding import fold
from ordering.errors.listings import ListingNotFound
from ordering.queries.pricing import lines_seen
from ordering.queries.viewpoint import SELLING, Viewpoint, viewpoint
from ordering.tables.listings import listings

_FILTERS = ("category", "status", "kind", "owner_id")
_PLACES = select(listings.c.name, listings.c.id)  # in the order of names
Filters = Mapping[str, Any]
Document = dict[str, Any]


def listing_page(session: Session, filters: Filters, limit: int, cursor: str | None, scope: str) -> Page:
    """All listings, by name, whoever sees them."""
    rows, following = _page(session, _filtered(_PLACES, filters), limit, cursor, scope)
    return Page(rows, following)


def seen_page(
    session: Session,
    customer_id: str,
    filters: Filters,
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    on: date,
    priced: bool,
) -> Page:
    """What a customer sees, by name, each with what one unit costs it where it is to be `priced`; raises
    CustomerUnknown."""
    seen_from = viewpoint(session, customer_id)
    rows, following = _page(session, seen_from.narrow(_filtered(_PLACES, filters)), limit, cursor, scope)
    rows = _as_seen(seen_from, rows)
    return Page(_priced(session, seen_from, rows, on) if priced else rows, following)


def listing(session: Session, listing_id: str) -> Document:
    """One listing, whoever sees it; raises ListingNotFound."""
    return _one(session, select(listings), listing_id)


def sold_page(
    session: Session, owner_ids: Sequence[str], filters: Filters, limit: int, cursor: str | None, scope: str
) -> Page:
    """What customers sell, by name, in every status; of those that may sell now."""
    decided = effective_switches(session, owner_ids)
    selling = [one for one in owner_ids if one in decided and decided[one][SELLING].active]
    statement = _filtered(_PLACES.where(listings.c.owner_id.in_(selling)), filters)
    rows, following = _page(session, statement, limit, cursor, scope)
    return Page(rows, following)


def owner_of(session: Session, listing_id: str) -> str | None:
    """The customer that sells a listing, None where it is the provider; raises ListingNotFound."""
    found = session.execute(select(listings.c.owner_id).where(listings.c.id == listing_id)).one_or_none()
    if found is None:
        raise _missing()
    owner_id: str | None = found.owner_id
    return owner_id


def seen_listing(session: Session, customer_id: str, listing_id: str, *, on: date, priced: bool) -> Document:
    """One listing as a customer sees it; raises ListingNotFound where it does not, and CustomerUnknown."""
    seen_from = viewpoint(session, customer_id)
    [row] = _as_seen(seen_from, [_one(session, seen_from.narrow(select(listings)), listing_id)])
    return _priced(session, seen_from, [row], on)[0] if priced else row


def _one(session: Session, statement: Select[Any], listing_id: str) -> Document:
    row = session.execute(statement.where(listings.c.id == listing_id)).mappings().one_or_none()
    if row is None:
        raise _missing()
    return _document(row)


def _missing() -> ListingNotFound:
    return ListingNotFound("There is no such listing, or it is not offered to this customer.")


def _document(row: Mapping[Any, Any]) -> Document:
    own_price = to_money(row["price_minor"], row["price_currency"])
    return {str(name): value for name, value in row.items()} | {"own_price": own_price}


def _filtered(statement: Select[Any], filters: Filters) -> Select[Any]:
    for name in _FILTERS:
        if name in filters:
            statement = statement.where(listings.c[name] == filters[name])
    for word in fold(filters.get("q", "")).split():
        statement = statement.where(listings.c.words.contains(word, autoescape=True))
    return statement


def _page(
    session: Session, statement: Select[Any], limit: int, cursor: str | None, scope: str
) -> tuple[list[Document], str | None]:
    keys = [Key(listings.c.name), Key(listings.c.id)]
    # The index by name holds whatever decides who sees a listing: it is walked until the page is full, and whole rows
    # are read of the page alone. OFFSET 0 keeps the join from reading them all.
    page = page_of(statement, keys, cursor=cursor, limit=limit, scope=scope).subquery("page")
    whole = select(listings).where(listings.c.id == page.c.id).offset(0).lateral("whole")
    rows = session.execute(select(whole).select_from(page.join(whole, true())).order_by(page.c.name, page.c.id))
    found = cut(rows.mappings().all(), keys, limit=limit, scope=scope)
    return [_document(row) for row in found.rows], found.next_cursor


def _as_seen(seen_from: Viewpoint, rows: Sequence[Document]) -> list[Document]:
    """What can be ordered ahead of its day is told only to who may do that."""
    return [row | {"preorderable": row["preorderable"] and seen_from.preorders} for row in rows]


def _priced(session: Session, seen_from: Viewpoint, rows: Sequence[Document], on: date) -> list[Document]:
    lines = lines_seen(session, seen_from, [(row["id"], 1) for row in rows], on)
    return [
        row | {"price": to_money(line.unit_price_minor, line.currency), "price_source": line.price_source}
        for row, line in zip(rows, lines, strict=True)
    ]
