"""Operations on the roles of contacts, and the question whom to turn to."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import contact_roles as queries
from customer.schemas.contact_roles import Purpose, ResolvedContact
from customer.schemas.entries import EntryChanges, EntryOut, NewEntry
from customer.use_cases import contact_roles

routes = Routes("Contact roles", "What contacts are for; of each customer one contact can be the default for a role.")

_ONE = "/contact-roles/<uuid:role_id>"


@routes.list("/contact-roles", permission="customers.view", portal=True, out=EntryOut)
def list_contact_roles(call: Call) -> Page:
    """All roles, in the order in which they are offered."""
    return queries.contact_role_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.post("/contact-roles", permission="schema.manage", body=NewEntry, out=EntryOut)
def create_contact_role(call: Call) -> Mapping[str, Any]:
    """Adds a role."""
    return contact_roles.create_contact_role(call.session, call.body)


@routes.get(_ONE, permission="customers.view", portal=True, out=EntryOut)
def show_contact_role(call: Call, role_id: str) -> Mapping[str, Any]:
    """One role."""
    return queries.contact_role(call.session, role_id)


@routes.patch(_ONE, permission="schema.manage", body=EntryChanges, out=EntryOut)
def change_contact_role(call: Call, role_id: str) -> Mapping[str, Any]:
    """Renames or moves a role."""
    return contact_roles.change_contact_role(call.session, role_id, call.version, call.body)


@routes.delete(_ONE, permission="schema.manage", versioned=True)
def delete_contact_role(call: Call, role_id: str) -> None:
    """Deletes a role that no contact has."""
    contact_roles.delete_contact_role(call.session, role_id, call.version)


@routes.get(
    "/customers/<uuid:customer_id>/contacts/resolve",
    permission="customers.view",
    portal=True,
    query=Purpose,
    out=ResolvedContact,
)
def resolve_contact(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Whom to turn to for a purpose, and why.

    The default for the role; else who alone has it; else the primary contact; else the only contact; else, with
    `inherit=true`, the nearest head office's; else nobody.
    """
    return queries.resolve(call.session, customer_id, call.query["purpose"], inherit=call.query["inherit"])
