"""Operations on customers."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import customers as queries
from customer.schemas.customers import (
    Archival,
    CreatedCustomer,
    CustomerChanges,
    CustomerOut,
    NewCustomer,
    Nothing,
    PathOut,
)
from customer.use_cases import customers, deletion, lifecycle

routes = Routes("Customers", "The customer record: who the customer is, and its place among head offices and branches.")


@routes.post("/customers", permission="customers.edit", body=NewCustomer, out=CreatedCustomer)
def create_customer(call: Call) -> Mapping[str, Any]:
    """Creates a customer with its addresses and contacts.

    The number is the one of the billing system; without one, the next free number is given. The first contact of a
    business becomes its primary contact unless another one asks for it.

    `duplicates` names stored customers that may be the same one. A very likely one refuses the creation with 409,
    unless `override_duplicate` comes with a reason.
    """
    record = customers.create_customer(call.session, call.body, call.deps.numbering)
    return queries.created(call.session, record)


@routes.get("/customers/<uuid:customer_id>", permission="customers.view", portal=True, out=CustomerOut)
def show_customer(call: Call, customer_id: str) -> Mapping[str, Any]:
    """One customer."""
    return queries.customer(call.session, customer_id)


@routes.patch("/customers/<uuid:customer_id>", permission="customers.edit", body=CustomerChanges, out=CustomerOut)
def change_customer(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Changes fields of a customer.

    Changing nothing writes nothing. A head office must be an active business, and no customer can end up below itself.
    """
    customers.change_customer(call.session, customer_id, call.version, call.body, call.deps.numbering)
    return queries.customer(call.session, customer_id)


@routes.delete(
    "/customers/<uuid:customer_id>", permission="customers.delete", versioned=True, out=CustomerOut, status=202
)
def delete_customer(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Deletes an archived customer for good, after a time of grace in which restoring it takes that back.

    `deletion_at` says when. What stands against it is listed. Its number is never given again.
    """
    deletion.ask_deletion(call.session, customer_id, call.version, call.deps.deletion_grace_days)
    return queries.customer(call.session, customer_id)


@routes.post(
    "/customers/<uuid:customer_id>/archival", permission="customers.archive", body=Archival, out=CustomerOut, status=200
)
def archive_customer(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Archives a customer: it becomes read-only and its logins end.

    Archiving an archived customer changes nothing. What becomes of active branches, `children` says: all in one step.
    """
    lifecycle.archive_customer(call.session, customer_id, call.body["reason"], call.body.get("children"))
    return queries.customer(call.session, customer_id)


@routes.post(
    "/customers/<uuid:customer_id>/restoration",
    permission="customers.archive",
    body=Nothing,
    out=CustomerOut,
    status=200,
)
def restore_customer(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Restores an archived customer, and the logins that its archiving ended.

    Restoring an active customer changes nothing.
    """
    lifecycle.restore_customer(call.session, customer_id)
    return queries.customer(call.session, customer_id)


@routes.list("/customers/<uuid:customer_id>/branches", permission="customers.view", portal=True, out=CustomerOut)
def list_branches(call: Call, customer_id: str) -> Page:
    """The customers directly below this one, by number."""
    return queries.branches(call.session, customer_id, call.limit, call.cursor, call.cursor_scope)


@routes.get("/customers/<uuid:customer_id>/path", permission="customers.view", portal=True, out=PathOut)
def show_path(call: Call, customer_id: str) -> Mapping[str, Any]:
    """The place in the tree now, from the root down to this customer, for documents that keep it."""
    return queries.path(call.session, customer_id)
