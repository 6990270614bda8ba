"""Installed systems and their types as they are shown; never a secret, only that it is set."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.fields.records import shown
from customer.domain.systems import plain_fields, shown_secrets
from customer.errors.systems import SystemNotFound, SystemTypeNotFound
from customer.queries.customers import customer_exists
from customer.tables.properties import properties
from customer.tables.systems import system_types, systems

_SYSTEMS: Select[Any] = (
    select(
        systems,
        system_types.c.name.label("type_name"),
        system_types.c.fields.label("type_fields"),
        properties.c.number.label("property_number"),
        properties.c.name.label("property_name"),
    )
    .join(system_types, system_types.c.id == systems.c.type_id)
    .outerjoin(properties, properties.c.id == systems.c.property_id)
)


def system_page(session: Session, customer_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The systems of a customer, oldest first."""
    customer_exists(session, customer_id)
    rows = keyset(
        session,
        _SYSTEMS.where(systems.c.customer_id == customer_id),
        [Key(systems.c.id)],
        cursor=cursor,
        limit=limit,
        scope=scope,
    )
    now = datetime.now(UTC)
    return Page([_shown(row, now) for row in rows.rows], rows.next_cursor)


def system(session: Session, customer_id: str, system_id: str) -> Mapping[str, Any]:
    """One system; raises SystemNotFound."""
    statement = _SYSTEMS.where(systems.c.customer_id == customer_id, systems.c.id == system_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise SystemNotFound("This customer has no such system.")
    return _shown(row, datetime.now(UTC))


def system_type_page(session: Session, limit: int, cursor: str | None, scope: str, *, archived: str) -> Page:
    """The types, by name."""
    statement: Select[Any] = select(system_types)
    if archived != "any":
        there = system_types.c.archived_at.is_(None)
        statement = statement.where(there if archived == "no" else ~there)
    keys = [Key(system_types.c.name), Key(system_types.c.id)]
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def system_type(session: Session, type_id: str) -> Mapping[str, Any]:
    """One type; raises SystemTypeNotFound."""
    row = session.execute(select(system_types).where(system_types.c.id == type_id)).mappings().one_or_none()
    if row is None:
        raise SystemTypeNotFound("There is no such system type.")
    return dict(row)


def _shown(row: Mapping[Any, Any], now: datetime) -> Mapping[str, Any]:
    fields, place = row["type_fields"], None
    if row["property_id"]:
        place = {"id": row["property_id"], "number": row["property_number"], "name": row["property_name"]}
    return dict(row) | {
        "property": place,
        "type": {"id": row["type_id"], "name": row["type_name"]},
        "values": shown(plain_fields(fields), row["field_values"]),
        "secrets": shown_secrets(fields, row["secrets"], now),
    }
