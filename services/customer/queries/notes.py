"""Notes as they are shown: the urgent ones first; and the follow-ups that are still open."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.viewers import Viewer
from customer.errors.notes import NoteNotFound
from customer.queries.customers import customer_exists
from customer.tables.customers import customers
from customer.tables.notes import note_versions, notes

# A note whose urgency has passed takes its place among the others by itself.
_URGENT_NOW = and_(notes.c.urgent, or_(notes.c.urgent_until.is_(None), notes.c.urgent_until > func.now()))
_RANK = _URGENT_NOW.label("urgent_now")
_SHOWN: Select[Any] = select(notes, _RANK)


def note_page(
    session: Session,
    customer_id: str,
    viewer: Viewer,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
) -> Page:
    """The notes of a customer that the viewer may see: urgent ones first, then the newest. `filters` may name
    `scope_type`, `scope_id` and `kind`."""
    customer_exists(session, customer_id)
    statement = _SHOWN.where(notes.c.customer_id == customer_id, visible(viewer))
    for name in ("scope_type", "scope_id", "kind"):
        if filters.get(name):
            statement = statement.where(notes.c[name] == filters[name])
    keys = [Key(_RANK, "desc"), Key(notes.c.created_at, "desc"), Key(notes.c.id, "desc")]
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([_shown(row) for row in rows.rows], rows.next_cursor)


def note(session: Session, customer_id: str, note_id: str, viewer: Viewer) -> Mapping[str, Any]:
    """One note; raises NoteNotFound, also for one that the viewer may not see."""
    statement = _SHOWN.where(notes.c.customer_id == customer_id, notes.c.id == note_id, visible(viewer))
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise NoteNotFound("This customer has no such note.")
    return _shown(row)


def version_page(
    session: Session, customer_id: str, note_id: str, viewer: Viewer, limit: int, cursor: str | None, scope: str
) -> Page:
    """The words of a note as they were before each correction, newest first; raises NoteNotFound."""
    note(session, customer_id, note_id, viewer)
    statement = select(note_versions).where(note_versions.c.note_id == note_id)
    rows = keyset(session, statement, [Key(note_versions.c.version, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def task_page(
    session: Session, viewer: Viewer, owner_id: str | None, limit: int, cursor: str | None, scope: str
) -> Page:
    """The open follow-ups of one person, or of everybody: what is due first comes first."""
    statement = (
        select(notes, _RANK, customers.c.number.label("customer_number"), customers.c.name.label("customer_name"))
        .join(customers, customers.c.id == notes.c.customer_id)
        .where(notes.c.kind == "follow_up", notes.c.done_at.is_(None), visible(viewer))
    )
    if owner_id is not None:
        statement = statement.where(notes.c.owner_id == owner_id)
    rows = keyset(session, statement, [Key(notes.c.due_on), Key(notes.c.id)], cursor=cursor, limit=limit, scope=scope)
    return Page([_shown(row) for row in rows.rows], rows.next_cursor)


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which a note exists for somebody."""
    if viewer.portal:
        return notes.c.visibility == "portal"
    return true() if viewer.restricted else notes.c.visibility != "restricted"


def _shown(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    shown = dict(row)
    shown["urgency"] = None
    if row["urgent"]:
        shown["urgency"] = {
            "reason": row["urgent_reason"],
            "owner": _person(row["urgent_owner_id"], row["urgent_owner_label"]),
            "until": row["urgent_until"],
        }
    shown["urgent"] = row["urgent_now"]
    shown["owner"] = _person(row["owner_id"], row["owner_label"])
    kind, _, account_id = row["author"].partition(":")
    shown["author"] = {"kind": kind, "id": account_id or None, "label": row["author_label"]}
    return shown


def _person(account_id: str | None, label: str | None) -> Mapping[str, Any] | None:
    return {"id": account_id, "label": label} if account_id else None
