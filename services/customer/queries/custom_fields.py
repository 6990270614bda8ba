"""Custom fields as an administrator defined them, and the values that a record shows."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.fields.records import shown
from customer.errors.custom_fields import CustomFieldNotFound
from customer.tables.custom_fields import custom_fields

Record = dict[str, Any]

_PRESENT = select(custom_fields).order_by(custom_fields.c.position, custom_fields.c.id)


def as_record(row: Mapping[Any, Any]) -> Record:
    """A row with its definition spread out, as everybody else sees it."""
    record = {str(name): value for name, value in row.items() if name not in {"definition", "position"}}
    return record | dict(row["definition"]) | {"order": row["position"]}


def fields_of(session: Session, applies_to: str, *, archived: bool = False) -> dict[str, Record]:
    """The fields of an object by key, in their order; a portal user gets those that are shown in the portal. With
    `archived`, those too."""
    statement = _PRESENT.where(custom_fields.c.applies_to == applies_to)
    if not archived:
        statement = statement.where(custom_fields.c.archived_at.is_(None))
    return {row["key"]: as_record(row) for row in session.execute(statement).mappings()}


def with_values(session: Session, applies_to: str, rows: Iterable[Mapping[Any, Any]]) -> list[Record]:
    """Rows with those of their `custom_fields` that the caller may see. Asks for the fields only where there are
    values."""
    found = [{str(name): value for name, value in row.items()} for row in rows]
    if any(row["custom_fields"] for row in found):
        fields = fields_of(session, applies_to)
        for row in found:
            row["custom_fields"] = shown(fields, row["custom_fields"])
    return found


def custom_field_page(
    session: Session, limit: int, cursor: str | None, scope: str, *, applies_to: str | None, archived: str
) -> Page:
    """The fields, by what they apply to and in their order."""
    statement: Select[Any] = select(custom_fields)
    if applies_to is not None:
        statement = statement.where(custom_fields.c.applies_to == applies_to)
    if archived != "any":
        there = custom_fields.c.archived_at.is_(None)
        statement = statement.where(there if archived == "no" else ~there)
    keys = [Key(custom_fields.c.applies_to), Key(custom_fields.c.position), Key(custom_fields.c.id)]
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([as_record(row) for row in rows.rows], rows.next_cursor)


def custom_field(session: Session, field_id: str) -> Record:
    """One field; raises CustomFieldNotFound."""
    row = session.execute(select(custom_fields).where(custom_fields.c.id == field_id)).mappings().one_or_none()
    if row is None:
        raise CustomFieldNotFound("There is no such custom field.")
    return as_record(row)
