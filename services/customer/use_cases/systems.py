"""Installed systems of a customer: equipment of a type that an administrator defined, with the values of its fields."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import Change, changes, reference_change
from customer.domain.fields import records
from customer.domain.systems import MAX_SYSTEMS, SYSTEM_LABELS, plain_fields, refuse_secrets
from customer.errors import Unsuitable
from customer.errors.properties import PropertyUnknown
from customer.errors.systems import SystemNotFound, SystemTypeUnknown
from customer.tables.systems import system_types, systems
from customer.use_cases import field_values, store
from customer.use_cases.field_checks import CHECKS
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_PLAIN: Final = ("name", "status")


def add_system(session: Session, customer_id: str, body: Body) -> Record:
    """Adds a system; a customer may have several of one type. Raises SystemTypeUnknown, PropertyUnknown and
    ValuesInvalid."""
    lock_customer(session, customer_id)
    if session.execute(_COUNT, {"customer": customer_id}).scalar_one() >= MAX_SYSTEMS:
        raise Unsuitable(f"A customer has at most {MAX_SYSTEMS} systems; remove those that are gone.")
    kind = store.find(session, system_types, body["type_id"])
    if kind is None or kind["archived_at"] is not None:
        raise SystemTypeUnknown(
            "There is no such system type in use; GET /api/system-types lists those that are.",
            errors=[FieldError("/type_id", "No such system type.")],
        )
    values = body.get("values") or {}
    refuse_secrets(kind["fields"], values)
    merged = records.start(plain_fields(kind["fields"]), values, CHECKS, pointer="/values")
    field_values.check_references(session, merged.references)
    if body.get("property_id"):
        _property_name(session, body["property_id"])
    now = store.moment(session)
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        "type_id": kind["id"],
        "type_version": kind["version"],
        "name": body.get("name") or kind["name"],
        "property_id": body.get("property_id"),
        "status": body.get("status", "active"),
        "field_values": merged.values,
        "secrets": {},
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    store.insert(session, systems, [record])
    outbox.add(session, events.system("added", record, kind))
    return record


def change_system(session: Session, customer_id: str, system_id: str, version: int, body: Body) -> Record:
    """Changes a system; `values` is a merge patch by the present fields of its type. Raises PropertyUnknown and
    ValuesInvalid."""
    lock_customer(session, customer_id)
    before, kind = system_and_type(session, customer_id, system_id)
    check_version(before, version)
    after = before | {field: body[field] for field in _PLAIN if field in body}
    differing = changes(before, after, SYSTEM_LABELS) + _change_property(session, before, after, body)
    if body.get("values"):
        after["field_values"], changed = _changed_values(session, kind, before, body["values"])
        differing += changed
    if not differing:
        return before
    after["type_version"] = kind["version"]
    return save(session, after, kind, differing)


def remove_system(session: Session, customer_id: str, system_id: str, version: int) -> None:
    """Removes a system with its secrets."""
    lock_customer(session, customer_id)
    record, kind = system_and_type(session, customer_id, system_id)
    check_version(record, version)
    store.remove(session, systems, system_id)
    outbox.add(session, events.system("removed", record | {"version": record["version"] + 1}, kind))


def system_and_type(session: Session, customer_id: str, system_id: str) -> tuple[Record, Record]:
    """A system of a customer and its type; raises SystemNotFound."""
    record = store.find(session, systems, system_id, customer_id=customer_id)
    if record is None:
        raise SystemNotFound("This customer has no such system.")
    kind = store.find(session, system_types, record["type_id"])
    assert kind is not None, "the foreign key holds the type"
    return record, kind


def save(session: Session, record: Record, kind: Record, differing: Sequence[Change]) -> Record:
    """Writes a system as its next version with its event; its customer is locked."""
    record = record | {"version": record["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, systems, [record])
    outbox.add(session, events.system("updated", record, kind, changes=differing))
    return record


def _change_property(session: Session, before: Record, after: Record, body: Body) -> list[Change]:
    if "property_id" not in body or body["property_id"] == before["property_id"]:
        return []
    after["property_id"] = body["property_id"]
    old, new = (
        (property_id, _property_name(session, property_id) if property_id else None)
        for property_id in (before["property_id"], after["property_id"])
    )
    return [reference_change("property", "Property", old, new)]


def _property_name(session: Session, property_id: str) -> str:
    """The name of a property that is kept from being deleted until the transaction ends; raises PropertyUnknown."""
    name = session.execute(_PROPERTY, {"id": property_id}).scalar()
    if name is None:
        raise PropertyUnknown(
            "The property does not exist; choose another.", errors=[FieldError("/property_id", "No such property.")]
        )
    return str(name)


def _changed_values(
    session: Session, kind: Record, system: Record, patch: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Change]]:
    refuse_secrets(kind["fields"], patch)
    fields = plain_fields(kind["fields"])
    before = records.brought_up(fields, system["field_values"])
    merged = records.merge(fields, before, patch, CHECKS, pointer="/values")
    field_values.check_references(session, merged.references)
    names = field_values.names_of(session, records.referred(fields, before, merged.values))
    differing = records.changes(fields, before, merged.values, names, prefix="values.")
    return (merged.values, differing) if differing else (system["field_values"], [])


_PROPERTY = text("SELECT name FROM properties WHERE id = CAST(:id AS uuid) FOR KEY SHARE")
_COUNT = text("SELECT count(*) FROM systems WHERE customer_id = CAST(:customer AS uuid)")
