"""The tree of location groups, safe against moves at the same moment."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import Change, changes, reference_change
from customer.domain.location_groups import LABELS, check_place
from customer.errors.location_groups import (
    LocationGroupInUse,
    LocationGroupNotFound,
    LocationGroupUnknown,
    LocationNameTaken,
)
from customer.tables.location_groups import location_groups
from customer.use_cases import store
from customer.use_cases.locking import check_version
from customer.use_cases.store import Record

Body = Mapping[str, Any]


def create_location_group(session: Session, body: Body) -> Record:
    """Creates a location group, at the top or below another one. Returns its state."""
    parent_id = body.get("parent_id")
    _lock_tree(session, alone=False)
    if parent_id:
        location_group_name(session, parent_id, "/parent_id")
        check_place(None, _above(session, parent_id))
    now = store.moment(session)
    record = {
        "id": new_id(),
        "parent_id": parent_id,
        "name": body["name"],
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    if not session.execute(_INSERT, record).scalar():
        raise _name_taken(record["name"])
    outbox.add(session, events.location_group("created", record))
    return record


def change_location_group(session: Session, group_id: str, version: int, body: Body) -> Record:
    """Renames a location group, or moves it with everything below it; null for the parent puts it at the top."""
    if "parent_id" in body:
        _lock_tree(session, alone=True)
    before = _lock(session, group_id)
    check_version(before, version)
    after = before | {name: body[name] for name in ("name", "parent_id") if name in body}
    differing = changes(before, after, LABELS) + _change_parent(session, before, after)
    if not differing:
        return before
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    if session.execute(_NAME_USED, after).scalar():
        raise _name_taken(after["name"])
    try:
        store.update(session, location_groups, [after])
    except IntegrityError as error:
        # Somebody took the name between the look and the write; the unique index is the rule.
        if "location_groups_name" not in str(error.orig):
            raise
        raise _name_taken(after["name"]) from error
    outbox.add(session, events.location_group("updated", after, changes=differing))
    return after


def delete_location_group(session: Session, group_id: str, version: int) -> None:
    """Deletes an empty location group; raises LocationGroupInUse."""
    record = _lock(session, group_id)
    check_version(record, version)
    held = session.execute(_HELD, {"id": group_id}).mappings().one()
    if held["groups"] or held["properties"]:
        raise LocationGroupInUse(
            f"{record['name']} holds {held['groups']} location groups and {held['properties']} properties; move them"
            " elsewhere first.",
            facts=dict(held),
        )
    store.remove(session, location_groups, group_id)
    outbox.add(session, events.location_group("deleted", record | {"version": record["version"] + 1}))


def location_group_name(session: Session, group_id: str, pointer: str) -> str:
    """The name of a location group that stays until the transaction ends; raises LocationGroupUnknown."""
    name = session.execute(_KEEP, {"id": group_id}).scalar()
    if name is None:
        raise LocationGroupUnknown(
            "The location group does not exist; choose another.", errors=[FieldError(pointer, "No such group.")]
        )
    return str(name)


def _change_parent(session: Session, before: Record, after: Record) -> list[Change]:
    if after["parent_id"] == before["parent_id"]:
        return []
    old, new = (
        (parent_id, location_group_name(session, parent_id, "/parent_id") if parent_id else None)
        for parent_id in (before["parent_id"], after["parent_id"])
    )
    if after["parent_id"]:
        height = int(session.execute(_HEIGHT, {"id": before["id"]}).scalar_one())
        check_place(before["id"], _above(session, after["parent_id"]), height)
    return [reference_change("parent", "Part of", old, new)]


def _lock_tree(session: Session, *, alone: bool) -> None:
    # A move waits for all others; new groups, which have nothing below them, wait for moves only.
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    session.execute(text(f"SELECT {function}(hashtext('location groups'))"))


def _lock(session: Session, group_id: str) -> Record:
    # FOR UPDATE also waits for properties and groups that are being put below, which hold the row by its key.
    session.execute(_LOCK, {"id": group_id})
    record = store.find(session, location_groups, group_id)
    if record is None:
        raise LocationGroupNotFound("There is no such location group.")
    return record


def _above(session: Session, group_id: str) -> list[str]:
    return list(session.execute(_ABOVE, {"id": group_id}).scalars())


def _name_taken(name: str) -> LocationNameTaken:
    return LocationNameTaken(
        f"There is a location group named {name} in this place already; choose another name or place.",
        errors=[FieldError("/name", "A group beside it has this name.")],
    )


_INSERT = text(
    """
    INSERT INTO location_groups (id, parent_id, name, created_at, updated_at)
    VALUES (CAST(:id AS uuid), CAST(:parent_id AS uuid), :name, :created_at, :updated_at)
    ON CONFLICT (parent_id, lower(name)) DO NOTHING RETURNING 1
    """
)
_NAME_USED = text(
    """
    SELECT 1 FROM location_groups
    WHERE lower(name) = lower(:name) AND parent_id IS NOT DISTINCT FROM CAST(:parent_id AS uuid)
      AND id <> CAST(:id AS uuid)
    """
)
_KEEP = text("SELECT name FROM location_groups WHERE id = CAST(:id AS uuid) FOR KEY SHARE")
_LOCK = text("SELECT 1 FROM location_groups WHERE id = CAST(:id AS uuid) FOR UPDATE")
_HELD = text(
    """
    SELECT (SELECT count(*) FROM location_groups WHERE parent_id = CAST(:id AS uuid)) AS groups,
           (SELECT count(*) FROM properties WHERE location_group_id = CAST(:id AS uuid)) AS properties
    """
)
# The limits end a walk through a ring that should not exist.
_ABOVE = text(
    """
    WITH RECURSIVE up (id, parent_id, level) AS (
        SELECT id, parent_id, 1 FROM location_groups WHERE id = CAST(:id AS uuid)
        UNION ALL
        SELECT g.id, g.parent_id, up.level + 1 FROM up JOIN location_groups g ON g.id = up.parent_id
        WHERE up.level < 64
    ) SELECT CAST(id AS text) FROM up ORDER BY level
    """
)
_HEIGHT = text(
    """
    WITH RECURSIVE down (id, level) AS (
        SELECT CAST(:id AS uuid), 1
        UNION ALL
        SELECT g.id, down.level + 1 FROM down JOIN location_groups g ON g.parent_id = down.id WHERE down.level < 64
    ) SELECT max(level) FROM down
    """
)
