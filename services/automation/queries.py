"""Reads: SQL to plain data, as the API shows it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from automation.errors import EntryNotFound
from automation.tables import entries, replica_customers
from common.paging import Key, keyset
from common.web import Page


def entry(session: Session, entry_id: str) -> Mapping[str, Any]:
    """One entry; raises EntryNotFound."""
    row = session.execute(_shown().where(entries.c.id == entry_id)).mappings().one_or_none()
    if row is None:
        raise EntryNotFound("There is no such entry.")
    return dict(row)


def _narrowed(statement: Select[Any], query: Mapping[str, Any]) -> Select[Any]:
    for name in ("customer_id", "status"):
        if name in query:
            statement = statement.where(entries.c[name] == query[name])
    return statement


def entries_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """A page of entries, the newest first; ids grow with time."""
    found = keyset(
        session, _narrowed(_shown(), query), [Key(entries.c.id, "desc")], cursor=cursor, limit=limit, scope=scope
    )
    return Page([dict(row) for row in found.rows], found.next_cursor)


def _shown() -> Select[Any]:
    name = replica_customers.c.name.label("customer_name")
    return select(entries, name).outerjoin(replica_customers, replica_customers.c.id == entries.c.customer_id)
