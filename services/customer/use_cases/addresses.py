"""Addresses of a customer, and which of them is the default for each purpose."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import ADDRESS_LABELS, changes
from customer.domain.limits import MAX_ADDRESSES
from customer.domain.purposes import USUAL, defaults, names, settle, without_defaults
from customer.errors import AddressNotFound, Unsuitable
from customer.tables.customers import addresses
from customer.use_cases import duplicates, store
from customer.use_cases.countries import check_code
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_PLAIN = ("line1", "line2", "city", "region", "postal_code")


def new_addresses(customer: Record, bodies: Sequence[Body]) -> list[Record]:
    """The addresses of a customer that is being created. Raises Unsuitable where two ask to be the same default."""
    # An address that asks to be the default is settled before those that leave it open.
    asked = [{p["purpose"] for p in body.get("purposes", ()) if p.get("default")} for body in bodies]
    records: list[Record] = []
    for place, body in enumerate(bodies):
        others: set[str] = set().union(*asked[:place], *asked[place + 1 :])
        clash = asked[place] & set().union(*asked[:place])
        if clash:
            raise Unsuitable(
                f"Two addresses cannot both be the default for {', '.join(sorted(clash))}.",
                errors=[FieldError(f"/addresses/{place}/purposes", "Another address is the default already.")],
            )
        taken = others.union(*(names(record["purposes"]) for record in records))
        records.append(_new(customer, body, taken, f"/addresses/{place}"))
    return records


def add_address(session: Session, customer_id: str, body: Body) -> Record:
    """Adds an address; where it becomes a default, the one before loses that. Returns its state."""
    customer = lock_customer(session, customer_id)
    others = _all(session, customer_id)
    if len(others) >= MAX_ADDRESSES:
        raise Unsuitable(f"A customer has at most {MAX_ADDRESSES} addresses.")
    record = _new(customer | {"updated_at": store.moment(session)}, body, _taken(others), "")
    _take_defaults(session, record, others)
    store.insert_addresses(session, [record])
    duplicates.mark(session, customer_id)
    outbox.add(session, events.address("added", record))
    return record


def change_address(session: Session, customer_id: str, address_id: str, version: int, body: Body) -> Record:
    """Changes fields of an address; `purposes` states the whole list. Returns its state."""
    lock_customer(session, customer_id)
    present = _all(session, customer_id)
    before = _one(present, address_id)
    check_version(before, version)
    others = [address for address in present if address["id"] != address_id]
    after = before | {field: body[field] for field in _PLAIN if field in body}
    if "country" in body:
        after["country"] = check_code(body["country"], "/country")
    if "purposes" in body:
        after["purposes"] = settle(body["purposes"], _taken(others), before["purposes"])
    differing = changes(before, after, ADDRESS_LABELS)
    if not differing:
        return before
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    _take_defaults(session, after, others)
    store.update_addresses(session, [after])
    duplicates.mark(session, customer_id)
    outbox.add(session, events.address("updated", after, changes=differing))
    return after


def remove_address(session: Session, customer_id: str, address_id: str, version: int) -> None:
    """Removes an address. What it was the default for has none afterwards, until somebody chooses."""
    lock_customer(session, customer_id)
    record = _one(_all(session, customer_id), address_id)
    check_version(record, version)
    store.remove(session, addresses, address_id)
    duplicates.mark(session, customer_id)
    outbox.add(session, events.address("removed", record | {"version": record["version"] + 1}))


def _take_defaults(session: Session, record: Record, others: Sequence[Record]) -> None:
    gained = set(defaults(record["purposes"]))
    for other in others:
        if gained.isdisjoint(defaults(other["purposes"])):
            continue
        after = other | {
            "purposes": without_defaults(other["purposes"], gained),
            "version": other["version"] + 1,
            "updated_at": record["updated_at"],
        }
        store.update_addresses(session, [after])
        outbox.add(session, events.address("updated", after, changes=changes(other, after, ADDRESS_LABELS)))


def _new(customer: Record, body: Body, taken: set[str], pointer: str) -> Record:
    return {
        "id": new_id(),
        "customer_id": customer["id"],
        "purposes": settle(body.get("purposes", USUAL), taken),
        **{field: body.get(field) for field in _PLAIN},
        "country": check_code(body["country"], f"{pointer}/country"),
        "version": 1,
        "created_at": customer["updated_at"],
        "updated_at": customer["updated_at"],
    }


def _taken(others: Sequence[Record]) -> set[str]:
    return {purpose for other in others for purpose in names(other["purposes"])}


def _one(present: Sequence[Record], address_id: str) -> Record:
    for address in present:
        if address["id"] == address_id:
            return address
    raise AddressNotFound("This customer has no such address.")


def _all(session: Session, customer_id: str) -> list[Record]:
    rows = session.execute(select(addresses).where(addresses.c.customer_id == customer_id).order_by(addresses.c.id))
    return [with_purposes({str(name): value for name, value in row.items()}) for row in rows.mappings()]


def with_purposes(row: Record) -> Record:
    """A row with its two arrays as the one list that everybody sees."""
    default_for = row.pop("default_for")
    row["purposes"] = [{"purpose": purpose, "default": purpose in default_for} for purpose in row["purposes"]]
    return row
