"""Types of installed systems with their fields. A type is never deleted: archived, its systems go on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import Change, changes
from customer.domain.systems import TYPE_LABELS, define_fields
from customer.errors.systems import SystemTypeNameTaken, SystemTypeNotFound
from customer.tables.systems import system_types
from customer.use_cases import store
from customer.use_cases.field_checks import CHECKS
from customer.use_cases.locking import check_version
from customer.use_cases.store import Record

Body = Mapping[str, Any]


def create_system_type(session: Session, body: Body) -> Record:
    """Defines a type of installed systems. Raises DefinitionInvalid and SystemTypeNameTaken."""
    now = store.moment(session)
    record = {
        "id": new_id(),
        "name": body["name"],
        "fields": define_fields(body.get("fields", ()), CHECKS),
        "archived_at": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    _refuse_taken_name(session, record)
    try:
        store.insert(session, system_types, [record])
    except IntegrityError as error:
        raise _name_taken(record["name"]) from error
    outbox.add(session, events.system_type("created", record))
    return record


def change_system_type(session: Session, type_id: str, version: int, body: Body) -> Record:
    """Changes the name of a type, or its fields, stated whole: those left out are archived, new ones begin empty on
    every system. Raises DefinitionInvalid and SystemTypeNameTaken."""
    before = _locked(session, type_id)
    check_version(before, version)
    after = before | {"name": body.get("name", before["name"])}
    if "fields" in body:
        after["fields"] = define_fields(body["fields"], CHECKS, before["fields"])
    differing = changes(before | {"fields": _keys(before)}, after | {"fields": _keys(after)}, TYPE_LABELS)
    if after["fields"] != before["fields"] and _keys(after) == _keys(before):
        differing.append({"path": "fields", "label": TYPE_LABELS["fields"], "before": None, "after": None})
    if not differing:
        return before
    if after["name"] != before["name"]:
        _refuse_taken_name(session, after)
    return _save(session, after, "updated", differing)


def archive_system_type(session: Session, type_id: str, version: int) -> None:
    """Takes a type out of use for new systems; those that are there go on. An archived one stays as it is."""
    before = _locked(session, type_id)
    check_version(before, version)
    if before["archived_at"] is None:
        _save(session, before | {"archived_at": store.moment(session)}, "archived", [_archived(False, True)])


def restore_system_type(session: Session, type_id: str) -> Record:
    """Brings an archived type back; one that is in use stays as it is."""
    before = _locked(session, type_id)
    if before["archived_at"] is None:
        return before
    return _save(session, before | {"archived_at": None}, "restored", [_archived(True, False)])


def _save(session: Session, record: Record, verb: events.SystemTypeVerb, differing: list[Change]) -> Record:
    record = record | {"version": record["version"] + 1, "updated_at": store.moment(session)}
    try:
        store.update(session, system_types, [record])
    except IntegrityError as error:
        raise _name_taken(record["name"]) from error
    outbox.add(session, events.system_type(verb, record, changes=differing))
    return record


def _locked(session: Session, type_id: str) -> Record:
    session.execute(_LOCK, {"id": type_id})
    record = store.find(session, system_types, type_id)
    if record is None:
        raise SystemTypeNotFound("There is no such system type.")
    return record


def _keys(record: Record) -> list[str]:
    return [field["key"] for field in record["fields"] if not field["archived"]]


def _archived(before: bool, after: bool) -> Change:
    return {"path": "archived", "label": "Archived", "before": before, "after": after}


def _refuse_taken_name(session: Session, record: Record) -> None:
    # The unique index decides a race; this look gives the usual case its sentence.
    if session.execute(_NAME_USED, {"id": record["id"], "name": record["name"]}).scalar():
        raise _name_taken(record["name"])


def _name_taken(name: str) -> SystemTypeNameTaken:
    return SystemTypeNameTaken(
        f"There is a system type named {name}, perhaps an archived one; restore it or choose another name.",
        errors=[FieldError("/name", "Another system type has this name.")],
    )


_LOCK = text("SELECT 1 FROM system_types WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE")
_NAME_USED = text("SELECT 1 FROM system_types WHERE lower(name) = lower(:name) AND id <> CAST(:id AS uuid)")
