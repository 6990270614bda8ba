"""Imports with their progress."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from common.importing.kinds import Importing, Record
from common.paging import Key, keyset
from common.web import Page


def import_page(
    session: Session, importing: Importing, types: Collection[str], limit: int, cursor: str | None, scope: str
) -> Page:
    """The imports of these types, newest first."""
    of = importing.statement.selected_columns
    keys = [Key(of.created_at, "desc"), Key(of.id, "desc")]
    statement = importing.statement.where(of.type.in_(types))
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([importing.shown(row) for row in rows.rows], rows.next_cursor)


def import_(session: Session, importing: Importing, import_id: str) -> Record:
    """One import; raises the service's refusal where there is none."""
    statement = importing.statement.where(importing.statement.selected_columns.id == import_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise importing.refusals.not_found("There is no such import.")
    return importing.shown(row)
