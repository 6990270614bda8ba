"""Compliance documents: what is required of whom, and the reminders of those that end."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import changes
from customer.domain.files import THRESHOLDS, soon, threshold
from customer.errors import GroupUnknown
from customer.errors.files import RequirementNotFound, RequirementTaken
from customer.tables.customers import customer_groups
from customer.tables.files import document_requirements, files
from customer.use_cases import store
from customer.use_cases.locking import check_version, lock_customers
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_FIELDS = ("document_type", "label", "kind", "group_id", "signed")
_LABELS = {
    "document_type": "Type of document",
    "label": "Label",
    "kind": "Kind of customer",
    "group_id": "Customer group",
    "signed": "Must be signed",
}
PORTION = 200


def create_requirement(session: Session, body: Body) -> Record:
    """Requires a document of all customers, or of those of a kind, of a group, or both. Raises RequirementTaken."""
    now = store.moment(session)
    record: Record = {"kind": None, "group_id": None, "signed": False}
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    record |= {field: body[field] for field in _FIELDS if field in body}
    _check_group(session, record)
    _write(session, record, new=True)
    outbox.add(session, events.requirement("added", record))
    return record


def change_requirement(session: Session, requirement_id: str, version: int, body: Body) -> Record:
    """Changes what is required, or of whom."""
    before = _requirement(session, requirement_id)
    check_version(before, version)
    after = before | {field: body[field] for field in _FIELDS if field in body}
    differing = changes(before, after, _LABELS)
    if not differing:
        return before
    _check_group(session, after)
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    _write(session, after, new=False)
    outbox.add(session, events.requirement("updated", after, changes=differing))
    return after


def remove_requirement(session: Session, requirement_id: str, version: int) -> None:
    """Requires a document no longer."""
    record = _requirement(session, requirement_id)
    check_version(record, version)
    store.remove(session, document_requirements, requirement_id)
    outbox.add(session, events.requirement("removed", record | {"version": record["version"] + 1}))


def remind(session: Session) -> int:
    """Publishes the reminders that are due today, of a portion of documents; returns how many."""
    today = store.today(session)
    due = _due(session, today)
    lock_customers(session, sorted({record["customer_id"] for record in due}))
    # Read again under the locks: somebody may just have moved an end.
    ids = [record["id"] for record in due]
    present = session.execute(select(files).where(files.c.id.in_(ids), files.c.deleted_at.is_(None))).mappings()
    reminded = []
    for record in (store.as_record(row) for row in present):
        days = record["expires_on"] and threshold(record["expires_on"], today, record["reminded"])
        if days:
            reminded.append(record | {"reminded": days, "version": record["version"] + 1})
    store.update(session, files, reminded)
    for record in reminded:
        left = (record["expires_on"] - today).days
        outbox.add(session, events.document_expiring(record, days=record["reminded"], days_left=left))
    return len(reminded)


def _due(session: Session, today: date) -> list[Record]:
    reached = [
        (files.c.expires_on <= soon(today, days)) & or_(files.c.reminded.is_(None), files.c.reminded > days)
        for days in THRESHOLDS
    ]
    statement = (
        select(files)
        .where(files.c.expires_on >= today, files.c.deleted_at.is_(None), or_(*reached))
        .order_by(files.c.expires_on, files.c.id)
        .limit(PORTION)
    )
    return [store.as_record(row) for row in session.execute(statement).mappings()]


def _requirement(session: Session, requirement_id: str) -> Record:
    statement = select(document_requirements).where(document_requirements.c.id == requirement_id).with_for_update()
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise RequirementNotFound("There is no such requirement.")
    return store.as_record(row)


def _check_group(session: Session, record: Record) -> None:
    group_id = record["group_id"]
    if group_id is not None and store.find(session, customer_groups, group_id) is None:
        raise GroupUnknown("There is no such group.", errors=[FieldError("/group_id", "Names no group.")])


def _write(session: Session, record: Record, *, new: bool) -> None:
    try:
        with session.begin_nested():
            (store.insert if new else store.update)(session, document_requirements, [record])
    except IntegrityError as error:
        raise RequirementTaken(f"{record['label']} is required of these customers already.") from error
