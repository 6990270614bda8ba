"""Contacts and addresses of a customer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.limits import MAX_CONTACTS
from customer.errors import AddressNotFound, ContactNotFound
from customer.queries import channels
from customer.queries.custom_fields import with_values
from customer.queries.customers import customer_exists
from customer.tables.customers import addresses, contacts, customers

# The country in which numbers without `+` are dialled: where the customer is registered, billed, or found at all.
_COUNTRY = (
    select(addresses.c.country)
    .where(addresses.c.customer_id == contacts.c.customer_id)
    .order_by(
        *(addresses.c.default_for.contains([purpose]).desc() for purpose in channels.DIALLED_FROM), addresses.c.id
    )
    .limit(1)
    .correlate(contacts)
    .scalar_subquery()
)
_CONTACTS = select(
    contacts,
    func.coalesce(customers.c.primary_contact_id == contacts.c.id, False).label("primary"),
    _COUNTRY.label("country"),
).join(customers, customers.c.id == contacts.c.customer_id)


def contact_page(session: Session, customer_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The contacts of a customer, by name."""
    customer_exists(session, customer_id)
    rows = keyset(
        session,
        _CONTACTS.where(contacts.c.customer_id == customer_id),
        [Key(contacts.c.name), Key(contacts.c.id)],
        cursor=cursor,
        limit=limit,
        scope=scope,
    )
    return Page(
        [channels.contact_shown(row, row["country"]) for row in with_values(session, "contact", rows.rows)],
        rows.next_cursor,
    )


def contacts_of(session: Session, customer_ids: Sequence[str]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The contacts of a few customers by the customer's id, each by name."""
    statement = (
        _CONTACTS.where(contacts.c.customer_id.in_(customer_ids))
        .order_by(contacts.c.name, contacts.c.id)
        .limit(MAX_CONTACTS * len(customer_ids))
    )
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in with_values(session, "contact", session.execute(statement).mappings().all()):
        found[row["customer_id"]].append(channels.contact_shown(row, row["country"]))
    return found


def contact(session: Session, customer_id: str, contact_id: str) -> Mapping[str, Any]:
    """One contact; raises ContactNotFound."""
    statement = _CONTACTS.where(contacts.c.customer_id == customer_id, contacts.c.id == contact_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise ContactNotFound("This customer has no such contact.")
    [shown] = with_values(session, "contact", [row])
    return channels.contact_shown(shown, row["country"])


def address_page(session: Session, customer_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The addresses of a customer, oldest first."""
    customer_exists(session, customer_id)
    rows = keyset(
        session,
        select(addresses).where(addresses.c.customer_id == customer_id),
        [Key(addresses.c.id)],
        cursor=cursor,
        limit=limit,
        scope=scope,
    )
    return Page([_address(row) for row in rows.rows], rows.next_cursor)


def address(session: Session, customer_id: str, address_id: str) -> Mapping[str, Any]:
    """One address; raises AddressNotFound."""
    statement = select(addresses).where(addresses.c.customer_id == customer_id, addresses.c.id == address_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise AddressNotFound("This customer has no such address.")
    return _address(row)


def _address(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    purposes = [{"purpose": purpose, "default": purpose in row["default_for"]} for purpose in row["purposes"]]
    return dict(row) | {"purposes": purposes}
