"""Creating a customer with the whole form in one call, and changing its fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from customer import events
from customer.domain.changes import CUSTOMER_LABELS, Change, changes, reference_change
from customer.domain.deals import check_lifecycle
from customer.domain.limits import LIFECYCLES
from customer.domain.numbers import Numbering
from customer.domain.records import new_customer
from customer.errors import ExternalIdTaken, GroupUnknown, KindFixed
from customer.use_cases import duplicates, field_values, hierarchy, numbering, store
from customer.use_cases.addresses import new_addresses
from customer.use_cases.contacts import new_contacts
from customer.use_cases.field_values import New
from customer.use_cases.locking import lock_customer
from customer.use_cases.store import Record
from customer.use_cases.tax_ids import refuse_clashes

Body = Mapping[str, Any]

_PLAIN = ("number", "kind", "lifecycle", "name", "dba_name")


def create_customer(session: Session, body: Body, numbers: Numbering) -> Record:
    """Creates a customer with its addresses and contacts. Returns its state with `addresses`, `contacts` and possible
    `duplicates`. Raises DuplicateCustomer where it very likely is there already."""
    parent = hierarchy.parent_of_new(session, dict(body))
    if body.get("group_id"):
        group_name(session, body["group_id"])
    record = _new_record(session, body, parent)
    contacts = new_contacts(session, record, body.get("contacts", ()))
    addresses = new_addresses(record, body.get("addresses", ()))
    field_values.start(session, "customer", record, [New(record, body.get("custom_fields", {}))])
    field_values.start(session, "contact", record, _given_to(contacts, body.get("contacts", ())))
    record["number"] = body.get("number") or ""
    if record["number"]:
        numbers.check(record["number"])
        if not store.insert_customers(session, [record | {"external_ids": []}]):
            raise numbering.taken(session, record["number"])
        numbering.refuse_retired(session, record["number"], record["id"])
    else:
        _insert_with_automatic_number(session, record, numbers)
    _add_external_ids(session, record)
    store.insert_contacts(session, contacts)
    store.insert_addresses(session, addresses)
    outbox.add(session, events.customer("created", record))
    for contact in contacts:
        outbox.add(session, events.contact("added", contact))
    for address in addresses:
        outbox.add(session, events.address("added", address))
    override, reason = bool(body.get("override_duplicate")), body.get("override_reason")
    found = duplicates.check_new(session, record, contacts, addresses, override=override, reason=reason)
    return record | {"contacts": contacts, "addresses": addresses, "duplicates": found}


def change_customer(session: Session, customer_id: str, version: int | None, body: Body, numbers: Numbering) -> Record:
    """Changes fields of a customer; nothing is written when nothing differs. Returns its state."""
    if "parent_id" in body or "parent_number" in body:
        hierarchy.lock_tree(session, alone=True)
    before = lock_customer(session, customer_id, version=version)
    after = before | {field: body[field] for field in _PLAIN if field in body}
    differing: list[Change] = []
    _change_number(session, before, after, numbers)
    _change_kind(session, before, after)
    _change_lifecycle(session, before, after)
    if "external_ids" in body:
        after["external_ids"] = _sorted_ids(body["external_ids"])
    differing += changes(before, after, CUSTOMER_LABELS)
    differing += _change_parent(session, before, after, body)
    differing += _change_group(session, before, after, body)
    after["custom_fields"], changed = field_values.change(session, "customer", after, before, body)
    differing += changed
    if not differing:
        return before
    if after["external_ids"] != before["external_ids"]:
        store.remove_external_ids(session, customer_id)
        _add_external_ids(session, after)
    if (after["name"], after["dba_name"]) != (before["name"], before["dba_name"]):
        duplicates.mark(session, customer_id)
    saved = save(session, after, differing)
    if after["parent_id"] != before["parent_id"]:
        refuse_clashes(session, [customer_id, *hierarchy.below(session, [customer_id])])
    return saved


def save(
    session: Session, record: Record, differing: Sequence[Change], *, verb: events.CustomerVerb = "updated"
) -> Record:
    """Writes a locked customer's new state as its next version, with one event."""
    try:
        [saved] = save_all(session, [(record, differing)], verb=verb)
    except IntegrityError as error:
        if "customers_number" not in str(error.orig):
            raise
        raise numbering.taken_now(record["number"]) from error
    return saved


def save_all(
    session: Session,
    changed: Sequence[tuple[Record, Sequence[Change]]],
    *,
    verb: events.CustomerVerb = "updated",
) -> list[Record]:
    """Writes locked customers' new states, each with what changed, as their next versions, with one event each."""
    now = store.moment(session)
    saved = [record | {"version": record["version"] + 1, "updated_at": now} for record, _ in changed]
    store.update_customers(session, saved)
    for record, (_, differing) in zip(saved, changed, strict=True):
        outbox.add(session, events.customer(verb, record, changes=differing))
    return saved


def group_name(session: Session, group_id: str) -> str:
    """The name of a group that is kept from being deleted until the transaction ends; raises GroupUnknown."""
    name = session.execute(_GROUP, {"id": group_id}).scalar()
    if name is None:
        raise GroupUnknown(
            "The customer group does not exist; choose another.", errors=[FieldError("/group_id", "No such group.")]
        )
    return str(name)


def _new_record(session: Session, body: Body, parent: Record | None) -> Record:
    record = new_customer(body["name"], body.get("kind", "business"), "", store.moment(session))
    return record | {
        "lifecycle": body.get("lifecycle", record["lifecycle"]),
        "dba_name": body.get("dba_name"),
        "parent_id": parent["id"] if parent else None,
        "path_ids": [*(parent["path_ids"] if parent else ()), record["id"]],
        "group_id": body.get("group_id"),
        "external_ids": _sorted_ids(body.get("external_ids", ())),
    }


def _given_to(contacts: Sequence[Record], bodies: Sequence[Body]) -> list[New]:
    return [
        New(contact, body.get("custom_fields", {}), f"/contacts/{place}/custom_fields")
        for place, (contact, body) in enumerate(zip(contacts, bodies, strict=True))
    ]


def _insert_with_automatic_number(session: Session, record: Record, numbers: Numbering) -> None:
    while True:
        record["number"] = numbering.automatic_numbers(session, numbers, 1)[0]
        # Somebody may give the same number by hand at this moment; the next one is tried then.
        if store.insert_customers(session, [record | {"external_ids": []}]):
            return


def _add_external_ids(session: Session, record: Record) -> None:
    entries = [
        {"customer_id": record["id"], "system": entry["system"], "external_id": entry["id"]}
        for entry in record["external_ids"]
    ]
    if store.add_external_ids(session, entries) != len(entries):
        raise ExternalIdTaken(
            "Another customer has one of these external ids.",
            errors=[FieldError("/external_ids", "An id is taken in its system.")],
        )


def _sorted_ids(entries: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    unique = {(entry["system"], entry["id"]) for entry in entries}
    return [{"system": system, "id": external_id} for system, external_id in sorted(unique)]


def _change_number(session: Session, before: Record, after: Record, numbers: Numbering) -> None:
    number = after["number"]
    if number == before["number"]:
        return
    numbers.check(number)
    # The unique index decides a race; this look gives the usual case its sentence.
    if session.execute(text("SELECT 1 FROM customers WHERE number = :number"), {"number": number}).scalar():
        raise numbering.taken(session, number)
    numbering.refuse_retired(session, number, before["id"])
    numbering.retire(session, before["number"], before["id"])


def _change_kind(session: Session, before: Record, after: Record) -> None:
    if after["kind"] == before["kind"] or after["kind"] != "person":
        return
    if before["primary_contact_id"]:
        raise KindFixed("A person has no primary contact; take it away first.")
    hierarchy.refuse_with_branches(session, before, "make it a person", only_active=False)


def _change_lifecycle(session: Session, before: Record, after: Record) -> None:
    if LIFECYCLES.index(after["lifecycle"]) < LIFECYCLES.index(before["lifecycle"]):
        check_lifecycle(after["lifecycle"], session.execute(_DEAL_STATUSES, {"id": before["id"]}).scalars())


def _change_parent(session: Session, before: Record, after: Record, body: Body) -> list[Change]:
    if "parent_id" not in body and "parent_number" not in body:
        return []
    parent = hierarchy.moved_parent(session, before["id"], dict(body))
    after["parent_id"] = parent["id"] if parent else None
    if after["parent_id"] == before["parent_id"]:
        return []
    after["path_ids"] = [*(parent["path_ids"] if parent else ()), before["id"]]
    old = (before["parent_id"], _name_of(session, before["parent_id"]))
    new = (after["parent_id"], parent["name"] if parent else None)
    return [reference_change("parent", "Head office", old, new)]


def _change_group(session: Session, before: Record, after: Record, body: Body) -> list[Change]:
    if "group_id" not in body or body["group_id"] == before["group_id"]:
        return []
    after["group_id"] = body["group_id"]
    old, new = (
        (group_id, group_name(session, group_id) if group_id else None)
        for group_id in (before["group_id"], after["group_id"])
    )
    return [reference_change("group", "Customer group", old, new)]


def _name_of(session: Session, customer_id: str | None) -> str | None:
    if customer_id is None:
        return None
    return session.execute(
        text("SELECT name FROM customers WHERE id = CAST(:id AS uuid)"), {"id": customer_id}
    ).scalar()


_DEAL_STATUSES = text("SELECT DISTINCT status FROM deals WHERE customer_id = CAST(:id AS uuid)")
_GROUP = text("SELECT name FROM customer_groups WHERE id = CAST(:id AS uuid) FOR KEY SHARE")
