"""The custom fields of customers, contacts and properties: checked, numbered, kept unique, and compared."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import FieldError
from customer.domain.changes import Change
from customer.domain.fields import records
from customer.domain.fields.records import Fields, Reference, Values, applies
from customer.domain.fields.values import comparable
from customer.errors.custom_fields import ValuesInvalid, ValueTaken
from customer.queries.custom_fields import fields_of
from customer.use_cases.field_checks import CHECKS
from customer.use_cases.store import Record

Body = Mapping[str, Any]

Claim = tuple[str, str]  # the id of a unique field, and the digest of a value of it

FIELD = "custom_fields"


@dataclass(frozen=True, slots=True)
class New:
    """A record that is being made: the values that it is given, and where they stand in the request."""

    record: Record
    given: Values
    pointer: str = f"/{FIELD}"


def start(session: Session, applies_to: str, customer: Record | None, new: Sequence[New]) -> None:
    """Sets the custom fields of new records of one customer, of the customer itself, or (None) of properties: what is
    given, defaults, and numbers that are given by themselves. Raises ValuesInvalid and ValueTaken."""
    if not new:
        return
    fields = fields_of(session, applies_to)
    suits = partial(applies, customer=customer)
    references: list[Reference] = []
    for one in new:
        merged = records.start(fields, one.given, CHECKS, pointer=one.pointer, suits=suits)
        one.record[FIELD] = merged.values
        references += merged.references
    check_references(session, references)
    settle(session, fields, [(customer, one.record) for one in new])


def settle(session: Session, fields: Fields, new: Sequence[tuple[Record | None, Record]]) -> None:
    """Gives new records, each with its customer, their numbers, and claims their unique values. Raises ValueTaken."""
    for field in fields.values():
        if field["type"] == "auto_number":
            fitting = [record for customer, record in new if applies(field, customer)]
            _give_numbers(session, field, fitting)
    _claim(session, [row for customer, record in new for row in _rows(fields, record, _id_of(customer))])


def change(
    session: Session, applies_to: str, customer: Record | None, record: Record, body: Body
) -> tuple[dict[str, Any], list[Change]]:
    """The custom fields of a record after a change, and what it changed; the caller writes them. Raises ValuesInvalid
    and ValueTaken."""
    patch = body.get(FIELD)
    if not patch:
        return record[FIELD], []
    fields = fields_of(session, applies_to)
    before = records.brought_up(fields, record[FIELD])
    suits = partial(applies, customer=customer)
    merged = records.merge(fields, before, patch, CHECKS, pointer=f"/{FIELD}", suits=suits)
    after = merged.values
    if after == before:
        return record[FIELD], []
    check_references(session, merged.references)
    changed = {key: field for key, field in fields.items() if before.get(key) != after.get(key)}
    unique = {key: field for key, field in changed.items() if field.get("unique")}
    if unique:
        claim_changed(session, unique, [(_id_of(customer), record, record | {FIELD: after})])
    return after, records.changes(changed, before, after, names_of(session, records.referred(changed, before, after)))


def claims(fields: Fields, values: Values) -> list[Claim]:
    """What the unique ones among fields claim with these values."""
    return [
        (field["id"], hashlib.sha256(comparable(field, values[key]).encode()).hexdigest())
        for key, field in fields.items()
        if field.get("unique") and key in values
    ]


def holders(session: Session, wanted: Sequence[Claim]) -> dict[Claim, str]:
    """The ids of the records that hold claims now."""
    if not wanted:
        return {}
    columns = {"fields": [claim[0] for claim in wanted], "digests": [claim[1] for claim in wanted]}
    return {(row.field_id, row.digest): row.record_id for row in session.execute(_HOLDERS, columns)}


def claim_changed(session: Session, unique: Fields, changed: Sequence[tuple[str | None, Record, Record]]) -> None:
    """Gives back what changed records held, and claims what they hold now; of each record the id of its customer, as it
    was and as it is. Raises ValueTaken."""
    given_back: list[Record] = []
    rows: list[Record] = []
    for customer_id, before, after in changed:
        differing = {key: field for key, field in unique.items() if before[FIELD].get(key) != after[FIELD].get(key)}
        given_back += [{"record_id": after["id"], "field_id": field["id"]} for field in differing.values()]
        rows += _rows(differing, after, customer_id)
    if given_back:
        session.execute(_FORGET_FIELDS, {"rows": orjson.dumps(given_back).decode()})
    _claim(session, rows)


def forget(session: Session, record_id: str) -> None:
    """Gives back the unique values of a record that is going."""
    session.execute(_FORGET, {"record": record_id})


def release(session: Session, customer_ids: Sequence[str]) -> None:
    """Gives back the unique values of customers and their contacts: archived records block nobody."""
    session.execute(_RELEASE, {"customers": list(customer_ids)})


def claim_again(session: Session, customers: Sequence[Record]) -> None:
    """Takes the unique values of customers and of their contacts as they are stored now, after these were given back:
    when a customer is restored, or contacts went to another one. Raises ValueTaken."""
    unique = _unique(session, "customer")
    rows = [row for customer in customers for row in _rows(unique, customer, customer["id"])]
    fields = _unique(session, "contact")
    if fields:
        contacts = session.execute(_CONTACTS, {"customers": [customer["id"] for customer in customers]}).mappings()
        rows += [row for contact in contacts for row in _rows(fields, dict(contact), contact["customer_id"])]
    _claim(session, rows)


def told(session: Session, applies_to: str, before: Record, after: Record) -> list[Change]:
    """What differs between two states of a record, whoever changed them."""
    if before[FIELD] == after[FIELD]:
        return []
    fields = fields_of(session, applies_to)
    old, new = (records.brought_up(fields, record[FIELD]) for record in (before, after))
    return records.changes(fields, old, new, names_of(session, records.referred(fields, old, new)))


def check_references(session: Session, references: Sequence[Reference]) -> None:
    """Raises ValuesInvalid for the references to records that are not there."""
    for to, statement in (("customer", _CUSTOMERS_THERE), ("contact", _CONTACTS_THERE)):
        asked = [reference for reference in references if reference.to == to]
        if not asked:
            continue
        there = set(session.execute(statement, {"ids": [reference.id for reference in asked]}).scalars())
        missing = [FieldError(one.pointer, f"There is no such {to}.") for one in asked if one.id not in there]
        if missing:
            raise ValuesInvalid(f"A {to} that is referred to does not exist; choose another one.", errors=missing)


def names_of(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """The names of referred customers and contacts by their ids."""
    asked = list(ids)
    return {row.id: row.name for row in session.execute(_NAMES, {"ids": asked})} if asked else {}


def _unique(session: Session, applies_to: str) -> dict[str, Record]:
    fields = fields_of(session, applies_to, archived=True)
    return {key: field for key, field in fields.items() if field.get("unique")}


def _id_of(customer: Record | None) -> str | None:
    return customer["id"] if customer else None


def _rows(fields: Fields, record: Record, customer_id: str | None) -> list[Record]:
    keys = {field["id"]: (key, field["label"]) for key, field in fields.items()}
    owner = {"record_id": record["id"], "customer_id": customer_id}
    return [
        {"field_id": field_id, "digest": digest, "key": keys[field_id][0], "label": keys[field_id][1], **owner}
        for field_id, digest in claims(fields, record[FIELD])
    ]


def _claim(session: Session, rows: Sequence[Record]) -> None:
    if not rows:
        return
    # In one order, so that two transactions that want the same values wait for each other only one way.
    ordered = sorted(rows, key=lambda row: (row["field_id"], row["digest"]))
    inserted = session.execute(_CLAIM, {"rows": orjson.dumps(ordered).decode()})
    gained = {(row.field_id, row.digest) for row in inserted}
    if len(gained) == len(rows):
        return
    lost = [row for row in rows if (row["field_id"], row["digest"]) not in gained]
    first = lost[0] if lost else rows[-1]
    holder = session.execute(_HOLDER, {"field": first["field_id"], "digest": first["digest"]}).mappings().first()
    who = f"Customer {holder['number']} ({holder['name']}) has" if holder else "Another record has"
    raise ValueTaken(
        f"{who} the same {first['label']}, which must be unique; change one of the two.",
        errors=[FieldError(f"/{FIELD}/{first['key']}", "Another record has this value.", "taken")],
        facts=dict(holder or {}),
    )


def _give_numbers(session: Session, field: Mapping[str, Any], new: Sequence[Record]) -> None:
    if not new:
        return
    last = int(session.execute(_COUNT_ON, {"id": field["id"], "more": len(new)}).scalar_one())
    for place, record in enumerate(new):
        number = last - len(new) + 1 + place
        record[FIELD][field["key"]] = f"{field['prefix']}{number:0{field['digits']}d}"


_CLAIM = text(
    """
    INSERT INTO custom_field_claims (field_id, digest, record_id, customer_id)
    SELECT field_id, digest, record_id, customer_id FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(field_id uuid, digest text, record_id uuid, customer_id uuid)
    ON CONFLICT (field_id, digest) DO NOTHING RETURNING CAST(field_id AS text) AS field_id, digest
    """
)
_HOLDER = text(
    """
    SELECT CAST(c.id AS text) AS customer_id, c.number, c.name
    FROM custom_field_claims f JOIN customers c ON c.id = f.customer_id
    WHERE f.field_id = CAST(:field AS uuid) AND f.digest = :digest
    """
)
_FORGET = text("DELETE FROM custom_field_claims WHERE record_id = CAST(:record AS uuid)")
_FORGET_FIELDS = text(
    "DELETE FROM custom_field_claims c"
    " USING jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(record_id uuid, field_id uuid)"
    " WHERE c.record_id = r.record_id AND c.field_id = r.field_id"
)
_HOLDERS = text(
    """
    SELECT CAST(c.field_id AS text) AS field_id, c.digest, CAST(c.record_id AS text) AS record_id
    FROM unnest(CAST(:fields AS uuid[]), CAST(:digests AS text[])) AS r(field_id, digest)
    JOIN custom_field_claims c USING (field_id, digest)
    """
)
_RELEASE = text("DELETE FROM custom_field_claims WHERE customer_id = ANY (CAST(:customers AS uuid[]))")
_CONTACTS = text(
    "SELECT CAST(id AS text) AS id, CAST(customer_id AS text) AS customer_id, custom_fields FROM contacts"
    " WHERE customer_id = ANY (CAST(:customers AS uuid[])) AND custom_fields <> '{}'"
)
_COUNT_ON = text(
    """
    INSERT INTO custom_field_counters (field_id, given) VALUES (CAST(:id AS uuid), :more)
    ON CONFLICT (field_id) DO UPDATE SET given = custom_field_counters.given + excluded.given RETURNING given
    """
)
_CUSTOMERS_THERE = text("SELECT CAST(id AS text) FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))")
_CONTACTS_THERE = text("SELECT CAST(id AS text) FROM contacts WHERE id = ANY (CAST(:ids AS uuid[]))")
_NAMES = text(
    """
    SELECT CAST(id AS text) AS id, name FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))
    UNION ALL SELECT CAST(id AS text), name FROM contacts WHERE id = ANY (CAST(:ids AS uuid[]))
    """
)
