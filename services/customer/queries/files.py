"""Files as they are shown to somebody; what somebody may not see does not exist for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, text, true
from sqlalchemy.orm import Session

from common.ids import new_id
from common.outbox import Publisher
from common.paging import Key, keyset
from common.web import Page
from customer.domain.files import DOCUMENT_CATEGORIES, OPEN_TO_PORTAL
from customer.domain.viewers import Viewer
from customer.errors.files import FileNotFound
from customer.queries.customers import customer_exists
from customer.tables.files import file_accesses, file_contents, files


@dataclass(frozen=True, slots=True)
class Content:
    """One version of a file, to be sent."""

    name: str
    sha256: str
    bytes: int
    media_type: str


def file_page(
    session: Session,
    customer_id: str,
    viewer: Viewer,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
) -> Page:
    """The files of a customer, newest first. `filters` may name `scope_type`, `scope_id`, `category` and `in_bin`."""
    customer_exists(session, customer_id)
    statement = select(files).where(files.c.customer_id == customer_id, visible(session, customer_id, viewer))
    statement = statement.where(files.c.deleted_at.is_not(None) if filters["in_bin"] else files.c.deleted_at.is_(None))
    for name in ("scope_type", "scope_id", "category"):
        if filters.get(name):
            statement = statement.where(files.c[name] == filters[name])
    rows = keyset(session, statement, [Key(files.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_by(row) for row in rows.rows], rows.next_cursor)


def file(session: Session, customer_id: str, file_id: str, viewer: Viewer) -> dict[str, Any]:
    """One file, also a deleted one; raises FileNotFound."""
    statement = select(files).where(
        files.c.customer_id == customer_id, files.c.id == file_id, visible(session, customer_id, viewer)
    )
    row = session.execute(statement).mappings().one_or_none()
    if row is None or (viewer.portal and row["deleted_at"] is not None):
        raise FileNotFound("This customer has no such file.")
    return _by(row)


def version_page(
    session: Session, customer_id: str, file_id: str, viewer: Viewer, limit: int, cursor: str | None, scope: str
) -> Page:
    """All versions of a file, newest first."""
    file(session, customer_id, file_id, viewer)
    statement = select(file_contents).where(file_contents.c.file_id == file_id)
    rows = keyset(session, statement, [Key(file_contents.c.revision, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_by(row) for row in rows.rows], rows.next_cursor)


def access_page(
    session: Session, customer_id: str, file_id: str, viewer: Viewer, limit: int, cursor: str | None, scope: str
) -> Page:
    """Who fetched a restricted or published file, newest first."""
    file(session, customer_id, file_id, viewer)
    statement = select(file_accesses).where(file_accesses.c.file_id == file_id)
    rows = keyset(session, statement, [Key(file_accesses.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def content(
    session: Session, customer_id: str, file_id: str, revision: int | None, viewer: Viewer, client: str
) -> Content:
    """A version of a file, the present one with None; who fetches a restricted or published one is written down.
    Raises FileNotFound."""
    shown = file(session, customer_id, file_id, viewer)
    if viewer.portal and revision not in {None, shown["revision"]}:
        raise FileNotFound("This file has no such version.")
    found = session.execute(
        select(file_contents).where(
            file_contents.c.file_id == file_id, file_contents.c.revision == (revision or shown["revision"])
        )
    ).one_or_none()
    if found is None:
        raise FileNotFound("This file has no such version.")
    if shown["audience"] != "internal":
        log_accesses(session, [shown | {"revision": found.revision}], viewer, client)
    return Content(shown["name"], found.sha256, found.bytes, found.media_type)


def log_accesses(session: Session, fetched: Sequence[Mapping[str, Any]], viewer: Viewer, client: str) -> None:
    """Writes down who fetched which versions."""
    publisher: Publisher = session.info["publisher"]
    rows = [
        {
            "id": new_id(),
            "file_id": one["id"],
            "customer_id": one["customer_id"],
            "revision": one["revision"],
            "audience": one["audience"],
            "actor": viewer.actor,
            "actor_label": viewer.label,
            "client": client[:64],
            "at": publisher.clock.now(),
        }
        for one in fetched
    ]
    if rows:
        session.execute(file_accesses.insert(), rows)


def visible(session: Session, customer_id: str, viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which a file of a customer exists for somebody."""
    if viewer.portal:
        roles = portal_roles(session, customer_id, viewer.account_id)
        return or_(
            files.c.audience == "portal", and_(files.c.audience == "portal_roles", files.c.portal_roles.overlap(roles))
        )
    return seen_by_staff(viewer)


def seen_by_staff(viewer: Viewer) -> ColumnElement[bool]:
    """The same for staff, whatever the customer."""
    conditions: list[ColumnElement[bool]] = []
    if not viewer.restricted:
        conditions.append(files.c.audience != "restricted")
    if not viewer.documents:
        conditions.append(files.c.category.not_in(DOCUMENT_CATEGORIES))
    return and_(true(), *conditions)


def portal_roles(session: Session, customer_id: str, account_id: str) -> list[str]:
    """The roles of a portal account at a customer: its own there, and those above that flow down."""
    accounts = session.execute(_ACCOUNTS, {"id": customer_id}).mappings()
    return sorted({role for row in accounts if row["account_id"] == account_id for role in row["roles"]})


def audience(
    session: Session, customer_id: str, file_id: str, viewer: Viewer, wanted: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Who would see a file under an audience: `{audience, portal_roles, viewers: [{account_id, label, roles}]}`."""
    shown = file(session, customer_id, file_id, viewer)
    chosen = wanted.get("audience") or shown["audience"]
    roles = set(wanted.get("portal_roles") or (shown["portal_roles"] if chosen == shown["audience"] else ()))
    found: dict[str, dict[str, Any]] = {}
    for row in session.execute(_ACCOUNTS, {"id": customer_id}).mappings() if chosen in OPEN_TO_PORTAL else ():
        person = found.setdefault(
            row["account_id"], {"account_id": row["account_id"], "label": row["label"], "roles": []}
        )
        person["roles"] = sorted({*person["roles"], *row["roles"]})
    viewers = [one for one in found.values() if chosen == "portal" or roles.intersection(one["roles"])]
    viewers.sort(key=lambda one: (one["label"], one["account_id"]))
    return {"audience": chosen, "portal_roles": sorted(roles) if chosen == "portal_roles" else [], "viewers": viewers}


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    return _by(row)


def _by(row: Mapping[Any, Any]) -> dict[str, Any]:
    kind, _, account_id = row["uploaded_by"].partition(":")
    return dict(row) | {"uploaded_by": {"kind": kind, "id": account_id or None, "label": row["uploaded_label"]}}


# Everybody who may sign in for a customer: its own people, and those of its head offices whose access flows down.
_ACCOUNTS = text(
    """
    WITH RECURSIVE up (id, parent_id, depth) AS (
        SELECT id, parent_id, 0 FROM customers WHERE id = CAST(:id AS uuid)
        UNION ALL
        SELECT c.id, c.parent_id, up.depth + 1 FROM customers c JOIN up ON c.id = up.parent_id WHERE up.depth < 20
    )
    SELECT a.account_id, a.label, a.roles
    FROM up JOIN replica_portal_access r ON r.customer_id = up.id,
         jsonb_to_recordset(r.accounts) AS a(account_id text, label text, roles text[], subtree boolean)
    WHERE up.depth = 0 OR a.subtree
    """
)
