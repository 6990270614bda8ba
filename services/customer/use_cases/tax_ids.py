"""Tax ids of a customer: checked by form and check digit here, by the register elsewhere, and nobody else's.

Only customers of one tree may share a tax id, as branches do that are registered together. Whoever writes one, restores
a customer, or moves one to another tree, locks the tree and the values, so that two who do so meet.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import changes
from customer.domain.limits import MAX_TAX_IDS
from customer.domain.taxes import CHECK_LABELS, TAX_ID_LABELS
from customer.errors import Unsuitable
from customer.errors.taxes import DuplicateTaxId, TaxIdNotFound
from customer.queries.tax_schemes import VAT, written
from customer.tables.taxes import tax_ids
from customer.use_cases import store
from customer.use_cases.hierarchy import lock_tree
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.store import Record
from customer.use_cases.tax_schemes import normalise

Body = Mapping[str, Any]


def add_tax_id(session: Session, customer_id: str, body: Body) -> Record:
    """Adds a tax id, its register unchecked; returns the row. Raises DuplicateTaxId naming who has it."""
    lock_tree(session, alone=False)
    lock_customer(session, customer_id)
    present = _all(session, customer_id)
    if len(present) >= MAX_TAX_IDS:
        raise Unsuitable(f"A customer has at most {MAX_TAX_IDS} tax ids.")
    now = store.moment(session)
    record = {
        "id": new_id(),
        "customer_id": customer_id,
        **_normalised(body["country"], body.get("scheme", VAT), body["value"]),
        **_UNCHECKED,
        "last_valid_at": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    _refuse_twice(record, present)
    store.insert(session, tax_ids, [record])
    refuse_clashes(session, [customer_id], "/value")
    outbox.add(session, events.tax_id("added", record))
    return record


def change_tax_id(session: Session, customer_id: str, tax_id: str, version: int, body: Body) -> Record:
    """Corrects a tax id, which makes its register unchecked again; returns the row."""
    lock_tree(session, alone=False)
    lock_customer(session, customer_id)
    before = _tax_id(session, customer_id, tax_id)
    check_version(before, version)
    wanted = {field: body.get(field, before[field]) for field in ("country", "scheme", "value")}
    after = before | _normalised(**wanted)
    differing = changes(before, after, TAX_ID_LABELS)
    if not differing:
        return before
    _refuse_twice(after, [other for other in _all(session, customer_id) if other["id"] != tax_id])
    after |= _UNCHECKED | {"last_valid_at": None, "version": before["version"] + 1}
    after["updated_at"] = store.moment(session)
    differing += changes(before, after, CHECK_LABELS)
    store.update(session, tax_ids, [after])
    refuse_clashes(session, [customer_id], "/value")
    outbox.add(session, events.tax_id("updated", after, changes=differing))
    return after


def record_check(session: Session, customer_id: str, tax_id: str, body: Body) -> Record:
    """Keeps what the register said, or that it did not answer, with the evidence; returns the row. That it does not
    answer takes nothing away: when it last said valid stays."""
    lock_customer(session, customer_id)
    before = _tax_id(session, customer_id, tax_id)
    now = store.moment(session)
    at = body.get("checked_at") or now
    if at > now:
        raise Unsuitable("The check cannot be later than now.", errors=[FieldError("/checked_at", "Is in the future.")])
    after = before | {
        "check_state": body["state"],
        "check_evidence": body["evidence"],
        "checked_at": at,
        "last_valid_at": at if body["state"] == "valid" else before["last_valid_at"],
        "version": before["version"] + 1,
        "updated_at": now,
    }
    store.update(session, tax_ids, [after])
    outbox.add(session, events.tax_id("updated", after, changes=changes(before, after, CHECK_LABELS)))
    return after


def remove_tax_id(session: Session, customer_id: str, tax_id: str, version: int) -> None:
    """Removes a tax id."""
    lock_customer(session, customer_id)
    record = _tax_id(session, customer_id, tax_id)
    check_version(record, version)
    store.remove(session, tax_ids, tax_id)
    outbox.add(session, events.tax_id("removed", record | {"version": record["version"] + 1}))


def refuse_clashes(session: Session, customer_ids: Sequence[str], pointer: str = "") -> None:
    """Raises DuplicateTaxId where one of these customers, as they are written now, shares a tax id with an active
    customer of another tree. The tree must be locked; `pointer` names the field that brought the value, if one did."""
    ids = {"ids": list(customer_ids)}
    session.execute(_LOCK_VALUES, ids)
    clash = session.execute(_CLASH, ids).mappings().first()
    if clash is None:
        return
    number = written(clash["country"], clash["scheme"], clash["value"])
    raise DuplicateTaxId(
        f"The tax id {number} belongs to customer {clash['number']}, {clash['name']}. Only customers of one tree share"
        " a tax id: open that customer, put both under one head office, or correct the number.",
        errors=[FieldError(pointer, f"Belongs to customer {clash['number']}.")] if pointer else [],
        facts={"customer_id": clash["id"], "number": clash["number"], "name": clash["name"], "tax_id": number},
    )


_UNCHECKED = {"check_state": "unchecked", "checked_at": None, "check_evidence": None}


def _normalised(country: str, scheme: str, value: str) -> Record:
    country, scheme, value = normalise(country, scheme, value)
    return {"country": country, "scheme": scheme, "value": value}


def _refuse_twice(record: Record, others: Sequence[Record]) -> None:
    for other in others:
        if all(other[field] == record[field] for field in ("country", "scheme", "value")):
            raise Unsuitable(
                "The customer has this tax id already.", errors=[FieldError("/value", "Is there already.")]
            )


def _tax_id(session: Session, customer_id: str, tax_id: str) -> Record:
    record = store.find(session, tax_ids, tax_id, customer_id=customer_id)
    if record is None:
        raise TaxIdNotFound("This customer has no such tax id.")
    return record


def _all(session: Session, customer_id: str) -> list[Record]:
    rows = session.execute(select(tax_ids).where(tax_ids.c.customer_id == customer_id).order_by(tax_ids.c.id))
    return [{str(name): value for name, value in row.items()} for row in rows.mappings()]


# In one order, so that two who bring the same values wait for each other in one direction.
_LOCK_VALUES = text(
    """
    SELECT pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended('tax id ' || country || ' ' || scheme || ' ' || value, 0) AS key
        FROM tax_ids WHERE customer_id = ANY (CAST(:ids AS uuid[])) ORDER BY key
    ) AS keys
    """
)
# The root of a customer is the last one on its way up; the limit ends a walk through a ring that should not exist.
_CLASH = text(
    """
    WITH RECURSIVE pairs AS (
        SELECT m.customer_id AS mine, t.customer_id AS theirs, t.country, t.scheme, t.value
        FROM tax_ids m JOIN customers c ON c.id = m.customer_id AND c.status = 'active'
        JOIN tax_ids t ON (t.country, t.scheme, t.value) = (m.country, m.scheme, m.value)
                       AND t.customer_id <> m.customer_id
        JOIN customers o ON o.id = t.customer_id AND o.status = 'active'
        WHERE m.customer_id = ANY (CAST(:ids AS uuid[]))
    ), up (start, id, parent_id, level) AS (
        SELECT id, id, parent_id, 1 FROM customers
        WHERE id IN (SELECT mine FROM pairs UNION SELECT theirs FROM pairs)
        UNION ALL
        SELECT up.start, c.id, c.parent_id, up.level + 1
        FROM up JOIN customers c ON c.id = up.parent_id WHERE up.level < 64
    ), roots AS (SELECT start, id AS root FROM up WHERE parent_id IS NULL)
    SELECT CAST(o.id AS text) AS id, o.number, o.name, p.country, p.scheme, p.value
    FROM pairs p JOIN customers o ON o.id = p.theirs
    JOIN roots a ON a.start = p.mine JOIN roots b ON b.start = p.theirs
    WHERE a.root <> b.root ORDER BY o.number LIMIT 1
    """
)
