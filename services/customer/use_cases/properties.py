"""Properties: places with a number and an address, whoever has them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import Change, changes, reference_change
from customer.domain.numbers import Numbering
from customer.domain.properties import ADDRESS, LABELS, PLAIN, found_by
from customer.errors.properties import PropertyInUse, PropertyNotFound, PropertyNumberTaken, PropertyUnknown
from customer.tables.properties import assignments, properties
from customer.use_cases import field_values, numbering, store
from customer.use_cases.countries import check_code
from customer.use_cases.field_values import New
from customer.use_cases.holders import LIVE, holders
from customer.use_cases.location_groups import location_group_name
from customer.use_cases.locking import check_version
from customer.use_cases.store import Record

Body = Mapping[str, Any]


def create_property(session: Session, body: Body, numbers: Numbering) -> Record:
    """Creates a property; without a number it gets the next free one. Raises PropertyNumberTaken."""
    if body.get("location_group_id"):
        location_group_name(session, body["location_group_id"], "/location_group_id")
    now = store.moment(session)
    record: Record = {
        "id": new_id(),
        "number": body.get("number") or "",
        "name": body["name"],
        "kind": body.get("kind", "building"),
        "status": "active",
        **{field: body.get(field) for field in ADDRESS},
        "country": check_code(body["country"], "/country"),
        "location_group_id": body.get("location_group_id"),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    field_values.start(session, "property", None, [New(record, body.get("custom_fields", {}))])
    if record["number"]:
        if not _insert(session, record):
            raise _number_taken(session, record["number"])
    else:
        _insert_with_automatic_number(session, record, numbers)
    outbox.add(session, events.property_("created", record))
    return record


def change_property(session: Session, property_id: str, version: int, body: Body) -> Record:
    """Changes fields of a property, closes it or opens it again. Those who have it or will have it are told, one event
    each. Raises PropertyInUse where a property that somebody has is to be closed."""
    before = lock_property(session, property_id)
    check_version(before, version)
    after = before | {field: body[field] for field in PLAIN if field in body}
    if "country" in body:
        after["country"] = check_code(body["country"], "/country")
    differing = changes(before, after, LABELS) + _change_location(session, before, after, body)
    after["custom_fields"], changed = field_values.change(session, "property", None, before, body)
    if not differing and not changed:
        return before
    if (before["status"], after["status"]) == ("active", "closed"):
        _refuse_closing(session, before)
    after |= {"words": found_by(after), "version": before["version"] + 1, "updated_at": store.moment(session)}
    try:
        store.update(session, properties, [after])
    except IntegrityError as error:
        if "properties_number" not in str(error.orig):
            raise
        raise _number_taken_now(after["number"]) from error
    outbox.add(session, events.property_(_verb(before, after), after, changes=differing + changed))
    if differing:
        # Custom fields of a place are the provider's own affair.
        _tell_holders(session, after, differing)
    return after


def delete_property(session: Session, property_id: str, version: int) -> None:
    """Deletes a property that nobody ever had and where nothing is installed; raises PropertyInUse."""
    record = lock_property(session, property_id)
    check_version(record, version)
    if session.execute(_EVER_HAD, {"id": property_id}).scalar():
        raise PropertyInUse(
            f"Property {record['number']} has a history of who had it, or systems; close it instead of deleting it."
        )
    store.remove(session, properties, property_id)
    field_values.forget(session, property_id)
    outbox.add(session, events.property_("deleted", record | {"version": record["version"] + 1}))


def lock_property(session: Session, property_id: str, *, pointer: str | None = None) -> Record:
    """Locks a property, and with it who has it: assignments and moves change under this lock, which is taken before
    those of customers. The record also holds its `stretch`. Raises PropertyNotFound, or, where a field named it,
    PropertyUnknown with the field's pointer."""
    stretch = session.execute(_LOCK, {"id": property_id}).scalar()
    # A second statement, because the first one's snapshot may be older than the lock that it waited for.
    record = store.find(session, properties, property_id)
    if stretch is None or record is None:
        if pointer:
            raise PropertyUnknown(
                "The property does not exist; choose another.", errors=[FieldError(pointer, "No such property.")]
            )
        raise PropertyNotFound("There is no such property.")
    return record | {"stretch": stretch}


def _insert(session: Session, record: Record) -> bool:
    record["words"] = found_by(record)
    return session.execute(_INSERT, record).scalar() is not None


def _insert_with_automatic_number(session: Session, record: Record, numbers: Numbering) -> None:
    while True:
        record["number"] = numbering.property_number(session, numbers)
        # Somebody may give the same number by hand at this moment; the next one is tried then.
        if _insert(session, record):
            return


def _change_location(session: Session, before: Record, after: Record, body: Body) -> list[Change]:
    if "location_group_id" not in body or body["location_group_id"] == before["location_group_id"]:
        return []
    after["location_group_id"] = body["location_group_id"]
    old, new = (
        (group_id, location_group_name(session, group_id, "/location_group_id") if group_id else None)
        for group_id in (before["location_group_id"], after["location_group_id"])
    )
    return [reference_change("location_group", "Location group", old, new)]


def _verb(before: Record, after: Record) -> events.PropertyVerb:
    if before["status"] == after["status"]:
        return "updated"
    return "closed" if after["status"] == "closed" else "reopened"


def _refuse_closing(session: Session, record: Record) -> None:
    present = [each for each in holders(session, record["id"], store.today(session)) if each["state"] in LIVE]
    if present:
        who = ", ".join(dict.fromkeys(f"{each['customer_name']} ({each['role']})" for each in present[:5]))
        raise PropertyInUse(
            f"Property {record['number']} has or will have {who}; end these assignments before you close it.",
            facts={"assignments": [{name: each[name] for name in ("id", "customer_id", "role")} for each in present]},
        )


def _tell_holders(session: Session, place: Record, differing: list[Change]) -> None:
    present = [each for each in holders(session, place["id"], store.today(session)) if each["state"] in LIVE]
    told = [each | {"version": each["version"] + 1, "updated_at": place["updated_at"]} for each in present]
    store.update(session, assignments, told)
    # How the provider sorts its places is not the customer's affair: that change keeps a name of its own.
    about = [
        change if change["path"] == "location_group" else change | {"path": f"property.{change['path']}"}
        for change in differing
    ]
    for each in told:
        outbox.add(session, events.assignment("changed", each, place, changes=about))


def _number_taken(session: Session, number: str) -> PropertyNumberTaken:
    row = session.execute(_OWNER, {"number": number}).mappings().one_or_none()
    if row is None:
        return _number_taken_now(number)
    return PropertyNumberTaken(
        f"The number {number} belongs to the property {row['name']}; choose another, or use that one.",
        errors=[FieldError("/number", "Another property has it.")],
        facts={"number": number, "property_id": row["id"], "property_status": row["status"]},
    )


def _number_taken_now(number: str) -> PropertyNumberTaken:
    return PropertyNumberTaken(
        f"The number {number} belongs to another property; choose another.",
        errors=[FieldError("/number", "Another property has it.")],
        facts={"number": number},
    )


_COLUMNS = [column.name for column in properties.columns]
_INSERT = text(
    f"INSERT INTO properties ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"  # noqa: S608
    " ON CONFLICT (number) DO NOTHING RETURNING 1"
).bindparams(bindparam("custom_fields", type_=JSONB))
_LOCK = text("SELECT stretch FROM properties WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE")
_OWNER = text("SELECT CAST(id AS text) AS id, name, status FROM properties WHERE number = :number")
_EVER_HAD = text(
    """
    SELECT 1 FROM assignments WHERE property_id = CAST(:id AS uuid)
    UNION ALL SELECT 1 FROM moves WHERE property_id = CAST(:id AS uuid)
    UNION ALL SELECT 1 FROM systems WHERE property_id = CAST(:id AS uuid) LIMIT 1
    """
)
