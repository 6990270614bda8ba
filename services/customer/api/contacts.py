"""Operations on the contacts of a customer."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import customers, parts
from customer.schemas.customers import CustomerOut
from customer.schemas.parts import ContactChanges, ContactOut, NewContact, PrimaryContact
from customer.use_cases import contacts

routes = Routes("Contacts", "The people of a customer; one of a business is its primary contact.")

_LIST = "/customers/<uuid:customer_id>/contacts"
_ONE = f"{_LIST}/<uuid:contact_id>"


@routes.list(_LIST, permission="customers.view", portal=True, out=ContactOut)
def list_contacts(call: Call, customer_id: str) -> Page:
    """The contacts of a customer, by name."""
    return parts.contact_page(call.session, customer_id, call.limit, call.cursor, call.cursor_scope)


@routes.post(_LIST, permission="customers.edit", body=NewContact, out=ContactOut)
def add_contact(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Adds a contact. The first contact of a business becomes its primary contact; what a contact claims in
    `default_for`, another one loses."""
    added = contacts.add_contact(call.session, customer_id, call.body)
    return parts.contact(call.session, customer_id, added["id"])


@routes.get(_ONE, permission="customers.view", portal=True, out=ContactOut)
def show_contact(call: Call, customer_id: str, contact_id: str) -> Mapping[str, Any]:
    """One contact."""
    return parts.contact(call.session, customer_id, contact_id)


@routes.patch(_ONE, permission="customers.edit", body=ContactChanges, out=ContactOut)
def change_contact(call: Call, customer_id: str, contact_id: str) -> Mapping[str, Any]:
    """Changes fields of a contact. `primary: true` takes the mark from whoever has it."""
    contacts.change_contact(call.session, customer_id, contact_id, call.version, call.body)
    return parts.contact(call.session, customer_id, contact_id)


@routes.delete(_ONE, permission="customers.edit", versioned=True)
def remove_contact(call: Call, customer_id: str, contact_id: str) -> None:
    """Removes a contact. After the primary one the customer has none: nobody is promoted unseen."""
    contacts.remove_contact(call.session, customer_id, contact_id, call.version)


@routes.put(
    "/customers/<uuid:customer_id>/primary-contact", permission="customers.edit", body=PrimaryContact, out=CustomerOut
)
def set_primary_contact(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Sets the primary contact of a business, or none with null; `If-Match` is the customer's."""
    contacts.set_primary_contact(call.session, customer_id, call.version, call.body["contact_id"])
    return customers.customer(call.session, customer_id)
