"""Defining custom fields. A field is never deleted: archived, it keeps its key and its values, and can be restored."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import changes
from customer.domain.fields import definitions
from customer.domain.fields.definitions import LABELS, MAX_FIELDS, MAX_INDEXED, is_indexed
from customer.errors.custom_fields import DefinitionInvalid, KeyTaken, TooManyFields
from customer.queries.custom_fields import custom_field, fields_of
from customer.tables.custom_fields import custom_fields
from customer.use_cases import store
from customer.use_cases.field_checks import CHECKS
from customer.use_cases.locking import check_version
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_FLAGS: Final = ("unique", "facet")
_OWN: Final = ("id", "applies_to", "key", "archived_at", "version", "created_at", "updated_at")


def create_custom_field(session: Session, body: Body) -> Record:
    """Defines a field. Raises DefinitionInvalid, KeyTaken and TooManyFields."""
    definition = definitions.define(body, CHECKS)
    _refuse_condition(body["applies_to"], definition)
    _lock(session)
    known = fields_of(session, body["applies_to"], archived=True)
    earlier = known.get(body["key"])
    if earlier is not None:
        archived = "An archived field has this key; restore it" if earlier["archived_at"] else "A field has this key"
        raise KeyTaken(
            f"{archived}, or choose another one.",
            errors=[FieldError("/key", "Another field has this key.")],
            facts={"custom_field_id": earlier["id"]},
        )
    now = store.moment(session)
    own = {"id": new_id(), "applies_to": body["applies_to"], "key": body["key"], "archived_at": None}
    record = own | definition | {"version": 1, "created_at": now, "updated_at": now}
    _check_limits(known, record)
    store.insert(session, custom_fields, [_row(record)])
    outbox.add(session, events.custom_field("created", record))
    return record


def change_custom_field(session: Session, field_id: str, version: int, body: Body) -> Record:
    """Changes a definition, as far as the values that are there allow. Raises DefinitionInvalid and TooManyFields."""
    _lock(session)
    before = custom_field(session, field_id)
    check_version(before, version)
    after = {name: before[name] for name in _OWN} | definitions.redefine(_definition(before), body, CHECKS)
    _refuse_condition(before["applies_to"], after)
    differing = changes(_compared(before), _compared(after), LABELS)
    if not differing:
        return before
    _check_limits(fields_of(session, before["applies_to"]), after)
    if before.get("unique") and not after.get("unique"):
        session.execute(_FORGET_CLAIMS, {"id": field_id})
    return _save(session, after, "updated", differing)


def archive_custom_field(session: Session, field_id: str, version: int) -> None:
    """Takes a field out of use; its values stay, unseen. An archived one stays as it is."""
    _lock(session)
    before = custom_field(session, field_id)
    check_version(before, version)
    if before["archived_at"] is None:
        _save(session, before | {"archived_at": store.moment(session)}, "archived", [_archived(False, True)])


def restore_custom_field(session: Session, field_id: str) -> Record:
    """Brings an archived field back with its values; one that is in use stays as it is. Raises TooManyFields."""
    _lock(session)
    before = custom_field(session, field_id)
    if before["archived_at"] is None:
        return before
    after = before | {"archived_at": None}
    _check_limits(fields_of(session, before["applies_to"]), after)
    return _save(session, after, "restored", [_archived(True, False)])


def _refuse_condition(applies_to: str, definition: Record) -> None:
    if applies_to == "property" and definition["condition"]:
        raise DefinitionInvalid(
            "A property has no kind or group of customer; leave the condition out.",
            errors=[FieldError("/condition", "Is for fields of customers and contacts.")],
        )


def _save(session: Session, record: Record, verb: events.CustomFieldVerb, differing: list[dict[str, Any]]) -> Record:
    record = record | {"version": record["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, custom_fields, [_row(record)])
    outbox.add(session, events.custom_field(verb, record, changes=differing))
    return record


def _check_limits(known: Mapping[str, Record], record: Record) -> None:
    others = [field for field in known.values() if field["id"] != record["id"] and field["archived_at"] is None]
    if len(others) >= MAX_FIELDS:
        raise TooManyFields(f"A {record['applies_to']} has at most {MAX_FIELDS} custom fields; archive one first.")
    if is_indexed(record) and sum(map(is_indexed, others)) >= MAX_INDEXED:
        raise TooManyFields(
            f"At most {MAX_INDEXED} custom fields of a {record['applies_to']} are unique or facets; let one be neither."
        )


def _row(record: Record) -> Record:
    definition = {name: value for name, value in _definition(record).items() if name != "order"}
    return {name: record[name] for name in _OWN} | {"position": record["order"], "definition": definition}


def _definition(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in _OWN}


def _compared(record: Record) -> Record:
    # A setting that the type does not have is as good as one that is off.
    return {name: record.get(name) or (False if name in _FLAGS else record.get(name)) for name in LABELS}


def _archived(before: bool, after: bool) -> dict[str, Any]:
    return {"path": "archived", "label": LABELS["archived"], "before": before, "after": after}


def _lock(session: Session) -> None:
    """Definitions change one after another, so that limits and keys are those of now."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('custom fields'))"))


_FORGET_CLAIMS = text("DELETE FROM custom_field_claims WHERE field_id = CAST(:id AS uuid)")
