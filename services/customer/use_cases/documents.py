"""Compliance documents: what is required of whom, and the reminders of those that end."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import changes
from customer.errors import GroupUnknown
from customer.errors.files import RequirementNotFound, RequirementTaken
from customer.tables.customers import customer_groups
from customer.tables.files import document_requirements, files
from customer.use_cases import reminders, store
from customer.use_cases.locking import check_version
from customer.use_cases.reminders import Ending
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
_ENDING = Ending(files, files.c.expires_on, events.document_expiring, files.c.deleted_at.is_(None))


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
    """Publishes the reminders of documents that are due today, of a portion; returns how many."""
    return reminders.remind(session, _ENDING)


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
