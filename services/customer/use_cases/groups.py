"""Customer groups and who belongs to them. A customer is in one group at most."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import GROUP_LABELS, changes, reference_change
from customer.domain.limits import MAX_MEMBERS_AT_ONCE, MAX_MOVED_WITH_GROUP
from customer.domain.merging import refuse_merged
from customer.errors import (
    Archived,
    CustomerNotFound,
    GroupHasMembers,
    GroupNameTaken,
    GroupNotFound,
    GroupUnknown,
    Unsuitable,
)
from customer.errors.settings import GroupTooLarge
from customer.queries.settings import members_preview
from customer.use_cases import store
from customer.use_cases.locking import check_version, lock_customer, lock_customers
from customer.use_cases.store import Record


def create_group(session: Session, body: Mapping[str, Any]) -> Record:
    """Creates a group; raises GroupNameTaken."""
    now = store.moment(session)
    record = {"id": new_id(), "name": body["name"], "version": 1, "created_at": now, "updated_at": now, "members": 0}
    if not session.execute(_INSERT, record).scalar():
        raise _name_taken(body["name"])
    outbox.add(session, events.group("created", record))
    return record


def change_group(session: Session, group_id: str, version: int, body: Mapping[str, Any]) -> Record:
    """Renames a group; raises GroupNameTaken."""
    before = _lock(session, group_id)
    check_version(before, version)
    after = before | {"name": body.get("name", before["name"])}
    differing = changes(before, after, GROUP_LABELS)
    if not differing:
        return before
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    if session.execute(_NAME_USED, {"id": group_id, "name": after["name"]}).scalar():
        raise _name_taken(after["name"])
    try:
        session.execute(_UPDATE, after)
    except IntegrityError as error:
        # Somebody took the name between the look and the write; the unique index is the rule.
        raise _name_taken(after["name"]) from error
    outbox.add(session, events.group("updated", after, changes=differing))
    return after


def delete_group(session: Session, group_id: str, version: int, move_to: str | None = None) -> None:
    """Deletes a group. Its members go to the group `move_to`; without one, a group with members stays: GroupHasMembers.
    Raises GroupTooLarge where there are more of them than one transaction moves."""
    if move_to:
        _move_all(session, group_id, move_to)
    record = _lock(session, group_id)
    check_version(record, version)
    if record["members"]:
        advice = "others came in meanwhile, repeat it" if move_to else "move them to another group with `move_to`"
        raise GroupHasMembers(
            f"The group {record['name']} has {record['members']} members; {advice}.",
            facts={"members": record["members"]},
        )
    session.execute(text("DELETE FROM customer_groups WHERE id = CAST(:id AS uuid)"), {"id": group_id})
    outbox.add(session, events.group("deleted", record | {"version": record["version"] + 1}))


def add_members(
    session: Session, group_id: str, customer_ids: Sequence[str], *, dry_run: bool = False
) -> Mapping[str, Any]:
    """Puts customers into the group, out of the one they were in. All or none: an unknown or archived one refuses the
    whole. Returns how many changed and how many were in it already, and for how many each setting becomes another;
    with `dry_run` nothing is written."""
    if not session.execute(_EXISTS, {"id": group_id}).scalar():
        raise GroupNotFound("There is no such customer group.")
    records = lock_customers(session, customer_ids)
    _refuse_unusable(customer_ids, records)
    moving = [record for record in records.values() if record["group_id"] != group_id]
    settings = members_preview(session, [record["id"] for record in moving], group_id)
    if not dry_run:
        _move(session, moving, group_id)
    return {"changed": len(moving), "unchanged": len(records) - len(moving), "settings": settings}


def remove_member(session: Session, group_id: str, customer_id: str) -> None:
    """Takes a customer out of the group; raises CustomerNotFound where it is not in it."""
    record = lock_customer(session, customer_id)
    if record["group_id"] != group_id:
        raise CustomerNotFound("The group has no such member.")
    _move(session, [record], None)


def _move_all(session: Session, group_id: str, move_to: str) -> None:
    """Puts all members into another group. They are locked before their group is, as every edit of a customer does."""
    if move_to == group_id or not session.execute(_EXISTS, {"id": move_to}).scalar():
        raise GroupUnknown(
            "Choose another group that exists.", errors=[FieldError("/move_to", "No such group, or this one.")]
        )
    values = {"id": group_id, "most": MAX_MOVED_WITH_GROUP + 1}
    ids = session.execute(_MEMBERS, values).scalars().all()
    if len(ids) > MAX_MOVED_WITH_GROUP:
        raise GroupTooLarge(
            f"The group has more than {MAX_MOVED_WITH_GROUP} members; move some of them first.",
            facts={"most": MAX_MOVED_WITH_GROUP},
        )
    if len(ids) > MAX_MEMBERS_AT_ONCE:
        session.info["context"] = session.info["context"].bulk()
    records = [record for record in lock_customers(session, ids).values() if record["group_id"] == group_id]
    _move(session, records, move_to)


def _move(session: Session, records: Sequence[Record], group_id: str | None) -> None:
    involved = {record["group_id"] for record in records} | {group_id}
    names = {row.id: row.name for row in session.execute(_NAMES, {"ids": [i for i in involved if i]})}
    now = store.moment(session)
    moved = []
    for record in records:
        after = record | {"group_id": group_id, "version": record["version"] + 1, "updated_at": now}
        old, new = ((key, names.get(key)) for key in (record["group_id"], group_id))
        outbox.add(
            session, events.customer("updated", after, changes=[reference_change("group", "Customer group", old, new)])
        )
        moved.append(after)
    store.update_customers(session, moved)


def _refuse_unusable(customer_ids: Sequence[str], records: Mapping[str, Record]) -> None:
    unknown = [
        FieldError(f"/customer_ids/{place}", "No such customer.")
        for place, customer_id in enumerate(customer_ids)
        if customer_id not in records
    ]
    if unknown:
        raise Unsuitable("Some of the customers do not exist; nothing was changed.", errors=unknown)
    for record in records.values():
        refuse_merged(record)
    archived = [record["number"] for record in records.values() if record["status"] == "archived"]
    if archived:
        raise Archived(
            f"Archived customers are read-only: {', '.join(sorted(archived)[:20])}. Restore them first.",
            facts={"numbers": sorted(archived)},
        )


def _lock(session: Session, group_id: str) -> Record:
    # FOR UPDATE also waits for members that are being added, which hold the row by its key.
    found = session.execute(_LOCK, {"id": group_id}).scalar()
    if found is None:
        raise GroupNotFound("There is no such customer group.")
    return dict(session.execute(_READ, {"id": group_id}).mappings().one())


def _name_taken(name: str) -> GroupNameTaken:
    return GroupNameTaken(
        f"There is a group named {name} already.", errors=[FieldError("/name", "Another group has this name.")]
    )


_INSERT = text(
    "INSERT INTO customer_groups (id, name, created_at, updated_at) VALUES (:id, :name, :created_at, :updated_at)"
    " ON CONFLICT (lower(name)) DO NOTHING RETURNING 1"
)
_NAME_USED = text("SELECT 1 FROM customer_groups WHERE lower(name) = lower(:name) AND id <> CAST(:id AS uuid)")
_UPDATE = text(
    "UPDATE customer_groups SET name = :name, version = :version, updated_at = :updated_at WHERE id = CAST(:id AS uuid)"
)
_NAMES = text("SELECT CAST(id AS text) AS id, name FROM customer_groups WHERE id = ANY (CAST(:ids AS uuid[]))")
_EXISTS = text("SELECT 1 FROM customer_groups WHERE id = CAST(:id AS uuid) FOR KEY SHARE")
_MEMBERS = text(
    "SELECT CAST(id AS text) FROM customers WHERE group_id = CAST(:id AS uuid)"
    " ORDER BY number, customers.id LIMIT :most"
)
_LOCK = text("SELECT 1 FROM customer_groups WHERE id = CAST(:id AS uuid) FOR UPDATE")
_READ = text(
    """
    SELECT CAST(id AS text) AS id, name, version, created_at, updated_at,
           (SELECT count(*) FROM customers c WHERE c.group_id = g.id) AS members
    FROM customer_groups g WHERE id = CAST(:id AS uuid)
    """
)
