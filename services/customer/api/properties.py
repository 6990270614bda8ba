"""Operations on properties, and on who has them."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import assignments as held
from customer.queries import properties as queries
from customer.schemas.properties import (
    AssignmentChanges,
    AssignmentFilter,
    AssignmentOut,
    NewAssignment,
    NewProperty,
    PropertyChanges,
    PropertyFilter,
    PropertyOut,
)
from customer.use_cases import assignments, properties

routes = Routes("Properties", "Places with a number and an address, and who has them in which role from when to when.")

_LIST = "/properties"
_ONE = f"{_LIST}/<uuid:property_id>"
_OF_CUSTOMER = "/customers/<uuid:customer_id>/properties"
_ASSIGNMENT = f"{_OF_CUSTOMER}/<uuid:assignment_id>"


@routes.list(_LIST, permission="customers.view", portal=True, query=PropertyFilter, out=PropertyOut)
def list_properties(call: Call) -> Page:
    """Properties by number. A portal account sees those that its customers have today."""
    return queries.property_page(call.session, call.query, call.cursor_scope)


@routes.post(_LIST, permission="customers.edit", body=NewProperty, out=PropertyOut)
def create_property(call: Call) -> Mapping[str, Any]:
    """Creates a property; it needs no customer. Without a number, the next free one is given."""
    record = properties.create_property(call.session, call.body, call.deps.property_numbering)
    return queries.property_(call.session, record["id"])


@routes.get(_ONE, permission="customers.view", portal=True, out=PropertyOut)
def show_property(call: Call, property_id: str) -> Mapping[str, Any]:
    """One property."""
    return queries.property_(call.session, property_id)


@routes.patch(_ONE, permission="customers.edit", body=PropertyChanges, out=PropertyOut)
def change_property(call: Call, property_id: str) -> Mapping[str, Any]:
    """Changes fields of a property. It can be closed once nobody has it, now or later."""
    properties.change_property(call.session, property_id, call.version, call.body)
    return queries.property_(call.session, property_id)


@routes.delete(_ONE, permission="customers.edit", versioned=True)
def delete_property(call: Call, property_id: str) -> None:
    """Deletes a property that nobody ever had; others are closed."""
    properties.delete_property(call.session, property_id, call.version)


@routes.list(f"{_ONE}/assignments", permission="customers.view", query=AssignmentFilter, out=AssignmentOut)
def list_property_assignments(call: Call, property_id: str) -> Page:
    """Who has the property, or had it, or will have it, the latest first."""
    return held.of_property(call.session, property_id, call.query, call.cursor_scope)


@routes.list(_OF_CUSTOMER, permission="customers.view", portal=True, query=AssignmentFilter, out=AssignmentOut)
def list_customer_properties(call: Call, customer_id: str) -> Page:
    """The properties that the customer has, or had, or will have, the latest first.

    A portal account sees those of today.
    """
    return held.of_customer(call.session, customer_id, call.query, call.cursor_scope)


@routes.post(_OF_CUSTOMER, permission="customers.edit", body=NewAssignment, out=AssignmentOut)
def assign_property(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Gives the customer a role at a property, from a day up to, but not including, another.

    One customer at most occupies a property on any day; a refusal names the occupant and the free days.
    """
    record = assignments.assign(call.session, customer_id, call.body)
    return held.assignment(call.session, customer_id, record["id"])


@routes.get(_ASSIGNMENT, permission="customers.view", portal=True, out=AssignmentOut)
def show_assignment(call: Call, customer_id: str, assignment_id: str) -> Mapping[str, Any]:
    """One assignment."""
    return held.assignment(call.session, customer_id, assignment_id)


@routes.patch(_ASSIGNMENT, permission="customers.edit", body=AssignmentChanges, out=AssignmentOut)
def change_assignment(call: Call, customer_id: str, assignment_id: str) -> Mapping[str, Any]:
    """Changes role or days of an assignment; `to` ends it. Correcting days that have passed needs a `reason`."""
    assignments.change_assignment(call.session, customer_id, assignment_id, call.version, call.body)
    return held.assignment(call.session, customer_id, assignment_id)


@routes.delete(_ASSIGNMENT, permission="customers.edit", versioned=True)
def remove_assignment(call: Call, customer_id: str, assignment_id: str) -> None:
    """Removes an assignment that has not begun; others end, and stay in the history."""
    assignments.remove_assignment(call.session, customer_id, assignment_id, call.version)
