"""Contacts of a customer, and which of them is the primary one.

Who is primary stands on the customer, so that one column holds the rule "one at most"; a change of it is one change of
the customer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from customer import events
from customer.domain.changes import CONTACT_LABELS, changes, reference_change
from customer.domain.channels import channels
from customer.domain.contact_roles import check_claims, settle_defaults, without_defaults
from customer.domain.limits import MAX_CONTACTS
from customer.domain.records import new_contact
from customer.errors import ContactNotFound, PersonHasNoPrimary, Unsuitable
from customer.tables.customers import contacts
from customer.use_cases import duplicates, field_values, store
from customer.use_cases.contact_roles import check_roles
from customer.use_cases.field_values import New
from customer.use_cases.locking import check_version, lock_customer
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_PLAIN = ("name", "title", "department")


def new_contacts(session: Session, customer: Record, bodies: Sequence[Body]) -> list[Record]:
    """The contacts of a customer that is being created; sets its primary contact: the one that asks for it, else the
    first of a business."""
    named = [
        (f"/contacts/{place}/roles/{at}", role)
        for place, body in enumerate(bodies)
        for at, role in enumerate(body.get("roles", ()))
    ]
    check_roles(session, named)
    records = [_new(customer, body, f"/contacts/{place}") for place, body in enumerate(bodies)]
    check_claims([record["default_for"] for record in records], "/contacts")
    wanted = [place for place, body in enumerate(bodies) if body.get("primary")]
    if len(wanted) > 1:
        raise Unsuitable(
            "Only one contact can be the primary one.",
            errors=[FieldError(f"/contacts/{place}/primary", "Only one can be primary.") for place in wanted[1:]],
        )
    if wanted:
        _refuse_person(customer)
    if records and customer["kind"] == "business":
        customer["primary_contact_id"] = records[wanted[0] if wanted else 0]["id"]
    return records


def add_contact(session: Session, customer_id: str, body: Body) -> Record:
    """Adds a contact. The first contact of a business becomes its primary one. Returns its state with `primary`."""
    customer = lock_customer(session, customer_id)
    present = _count(session, customer_id)
    if present >= MAX_CONTACTS:
        raise Unsuitable(f"A customer has at most {MAX_CONTACTS} contacts.")
    _check_roles(session, body, ())
    customer["updated_at"] = store.moment(session)
    record = _new(customer, body, "")
    field_values.start(session, "contact", customer, [New(record, body.get("custom_fields", {}))])
    _take_defaults(session, record)
    store.insert_contacts(session, [record])
    duplicates.mark(session, customer_id)
    outbox.add(session, events.contact("added", record))
    if body.get("primary") or (body.get("primary") is None and not present and customer["kind"] == "business"):
        customer = _set_primary(session, customer, record["id"], record["name"])
    return _with_primary(record, customer)


def change_contact(session: Session, customer_id: str, contact_id: str, version: int, body: Body) -> Record:
    """Changes fields of a contact; `primary` moves the primary mark. Returns its state with `primary`."""
    customer = lock_customer(session, customer_id)
    before = _contact(session, customer_id, contact_id)
    check_version(before, version)
    _check_roles(session, body, before["roles"])
    after = before | {field: body[field] for field in _PLAIN if field in body} | _lists(body, "")
    after["default_for"] = settle_defaults(
        after["roles"], body.get("default_for"), before["default_for"], "/default_for"
    )
    after["custom_fields"], changed = field_values.change(session, "contact", customer, before, body)
    differing = changes(before, after, CONTACT_LABELS) + changed
    if differing:
        after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
        _take_defaults(session, after)
        store.update_contacts(session, [after])
        duplicates.mark(session, customer_id)
        outbox.add(session, events.contact("updated", after, changes=differing))
    if body.get("primary") is True:
        customer = _set_primary(session, customer, contact_id, after["name"])
    elif body.get("primary") is False and customer["primary_contact_id"] == contact_id:
        customer = _set_primary(session, customer, None, None)
    return _with_primary(after, customer)


def remove_contact(session: Session, customer_id: str, contact_id: str, version: int) -> None:
    """Removes a contact. If it was the primary one, the customer has none afterwards: nobody is promoted unseen."""
    customer = lock_customer(session, customer_id)
    record = _contact(session, customer_id, contact_id)
    check_version(record, version)
    if customer["primary_contact_id"] == contact_id:
        _set_primary(session, customer, None, None)
    store.remove(session, contacts, contact_id)
    duplicates.mark(session, customer_id)
    field_values.forget(session, contact_id)
    outbox.add(session, events.contact("removed", record | {"version": record["version"] + 1}))


def set_primary_contact(session: Session, customer_id: str, version: int, contact_id: str | None) -> Record:
    """Makes a contact the primary one, or none with None; the one before loses the mark. Returns the customer."""
    customer = lock_customer(session, customer_id, version=version)
    name = _contact(session, customer_id, contact_id)["name"] if contact_id else None
    return _set_primary(session, customer, contact_id, name)


def clear_primary(session: Session, customer: Record) -> Record:
    """Leaves a locked customer without a primary contact. Returns the customer."""
    return _set_primary(session, customer, None, None)


def _set_primary(session: Session, customer: Record, contact_id: str | None, name: str | None) -> Record:
    before_id = customer["primary_contact_id"]
    if contact_id:
        _refuse_person(customer)
    if before_id == contact_id:
        return customer
    before_name = _contact(session, customer["id"], before_id)["name"] if before_id else None
    change = reference_change("primary_contact", "Primary contact", (before_id, before_name), (contact_id, name))
    after = customer | {
        "primary_contact_id": contact_id,
        "version": customer["version"] + 1,
        "updated_at": store.moment(session),
    }
    store.update_customers(session, [after])
    outbox.add(session, events.customer("updated", after, changes=[change]))
    return after


def _take_defaults(session: Session, record: Record) -> None:
    """Takes from the customer's other contacts what this one becomes the default for."""
    if not record["default_for"]:
        return
    statement = select(contacts).where(
        contacts.c.customer_id == record["customer_id"],
        contacts.c.id != record["id"],
        contacts.c.default_for.overlap(record["default_for"]),
    )
    losers: list[Record] = []
    for row in session.execute(statement).mappings():
        before = {str(name): value for name, value in row.items()}
        after = before | {
            "default_for": without_defaults(before["default_for"], record["default_for"]),
            "version": before["version"] + 1,
            "updated_at": record["updated_at"],
        }
        losers.append(after)
        outbox.add(session, events.contact("updated", after, changes=changes(before, after, CONTACT_LABELS)))
    store.update_contacts(session, losers)


def _check_roles(session: Session, body: Body, present: Sequence[str]) -> None:
    """Roles that the contact has already stay usable, whatever became of the list."""
    named = [(f"/roles/{at}", role) for at, role in enumerate(body.get("roles", ())) if role not in present]
    check_roles(session, named)


def _refuse_person(customer: Record) -> None:
    if customer["kind"] == "person":
        raise PersonHasNoPrimary("This customer is a person; only a business has a primary contact.")


def _new(customer: Record, body: Body, pointer: str) -> Record:
    record = new_contact(customer["id"], customer["updated_at"])
    record |= {field: body[field] for field in _PLAIN if field in body} | _lists(body, pointer)
    record["default_for"] = settle_defaults(record["roles"], body.get("default_for"), (), f"{pointer}/default_for")
    return record


def _lists(body: Body, pointer: str) -> Record:
    given: Record = {}
    if "emails" in body:
        given["emails"] = channels(body["emails"], "address", f"{pointer}/emails")
    if "phones" in body:
        given["phones"] = channels(body["phones"], "number", f"{pointer}/phones")
    if "roles" in body:
        given["roles"] = list(dict.fromkeys(body["roles"]))
    return given


def _with_primary(record: Record, customer: Record) -> Record:
    return record | {"primary": customer["primary_contact_id"] == record["id"]}


def _count(session: Session, customer_id: str) -> int:
    return int(session.execute(_COUNT, {"id": customer_id}).scalar_one())


def _contact(session: Session, customer_id: str, contact_id: str) -> Record:
    record = store.find(session, contacts, contact_id, customer_id=customer_id)
    if record is None:
        raise ContactNotFound("This customer has no such contact.")
    return record


_COUNT = text("SELECT count(*) FROM contacts WHERE customer_id = CAST(:id AS uuid)")
