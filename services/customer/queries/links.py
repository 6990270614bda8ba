"""Links of a customer as this customer sees them: the other party, and the label for this side."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.links import direction_from
from customer.errors.links import LinkNotFound, LinkTypeNotFound
from customer.queries.clock import today
from customer.queries.customers import customer_exists
from customer.tables.customers import customers
from customer.tables.links import link_types, links

_first, _second = customers.alias("first"), customers.alias("second")
_PARTY = ("id", "number", "name", "kind", "status")
_SHOWN = (
    select(
        links,
        link_types.c.code,
        link_types.c.forward_label,
        link_types.c.reverse_label,
        *(_first.c[name].label(f"from_{name}") for name in _PARTY if name != "id"),
        *(_second.c[name].label(f"to_{name}") for name in _PARTY if name != "id"),
    )
    .join(link_types, link_types.c.id == links.c.type_id)
    .join(_first, _first.c.id == links.c.from_id)
    .join(_second, _second.c.id == links.c.to_id)
)


def link_page(
    session: Session, customer_id: str, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str
) -> Page:
    """The links of a customer from either side, oldest first; `type` keeps those of one type, `current` those that hold
    today, or those that do not."""
    customer_exists(session, customer_id)
    statement = _SHOWN.where(or_(links.c.from_id == customer_id, links.c.to_id == customer_id))
    day = today(session)
    if "type" in filters:
        statement = statement.where(link_types.c.code == filters["type"])
    if "current" in filters:
        holds = and_(
            or_(links.c.valid_from.is_(None), links.c.valid_from <= day),
            or_(links.c.valid_to.is_(None), links.c.valid_to >= day),
        )
        statement = statement.where(holds if filters["current"] else ~holds)
    rows = keyset(session, statement, [Key(links.c.id)], cursor=cursor, limit=limit, scope=scope)
    return Page([_seen_from(row, customer_id, day) for row in rows.rows], rows.next_cursor)


def link(session: Session, customer_id: str, link_id: str) -> Mapping[str, Any]:
    """One link of a customer; raises LinkNotFound."""
    either = or_(links.c.from_id == customer_id, links.c.to_id == customer_id)
    row = session.execute(_SHOWN.where(links.c.id == link_id, either)).mappings().one_or_none()
    if row is None:
        raise LinkNotFound("This customer has no such link.")
    return _seen_from(row, customer_id, today(session))


def link_type_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """All types, by code."""
    rows = keyset(session, select(link_types), [Key(link_types.c.code)], cursor=cursor, limit=limit, scope=scope)
    return Page([_type(row) for row in rows.rows], rows.next_cursor)


def link_type(session: Session, type_id: str) -> Mapping[str, Any]:
    """One type; raises LinkTypeNotFound."""
    row = session.execute(select(link_types).where(link_types.c.id == type_id)).mappings().one_or_none()
    if row is None:
        raise LinkTypeNotFound("There is no such link type.")
    return _type(row)


def _type(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    return dict(row) | {"allowed_kinds": {"from": row["from_kinds"], "to": row["to_kinds"]}}


def _seen_from(row: Mapping[Any, Any], customer_id: str, day: date) -> Mapping[str, Any]:
    direction = direction_from(row, customer_id)
    far = "to" if direction == "forward" else "from"
    begun = row["valid_from"] is None or row["valid_from"] <= day
    return dict(row) | {
        "customer_id": customer_id,
        "type": {"id": row["type_id"], "code": row["code"], "symmetric": row["symmetric"]},
        "direction": direction,
        "label": row[f"{direction}_label"],
        "other": {name: row[f"{far}_{name}"] for name in _PARTY},
        "current": begun and (row["valid_to"] is None or row["valid_to"] >= day),
    }
