"""Assignments as they are shown, from the customer's side and from the property's."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.errors.properties import AssignmentNotFound
from customer.queries.customers import customer_exists
from customer.queries.properties import property_exists
from customer.tables.customers import customers
from customer.tables.location_groups import location_groups
from customer.tables.properties import assignments, properties

_PROPERTY = ("number", "name", "kind", "status", "line1", "line2", "city", "region", "postal_code", "country")
_STATES = {"past": "ended", "current": "current", "future": "planned"}

# A portal user sees its properties of today: row-level security leaves the others out of the join.
_SHOWN: Select[Any] = (
    select(
        assignments,
        *(properties.c[name].label(f"property_{name}") for name in _PROPERTY),
        location_groups.c.id.label("location_group_id"),
        location_groups.c.name.label("location_group_name"),
        customers.c.number.label("customer_number"),
        customers.c.name.label("customer_name"),
    )
    .join(properties, properties.c.id == assignments.c.property_id)
    .outerjoin(location_groups, location_groups.c.id == properties.c.location_group_id)
    .join(customers, customers.c.id == assignments.c.customer_id)
)


def of_customer(session: Session, customer_id: str, query: Mapping[str, Any], scope: str) -> Page:
    """The properties of a customer, the latest assignment first."""
    customer_exists(session, customer_id)
    return _page(session, _SHOWN.where(assignments.c.customer_id == customer_id), query, scope)


def of_property(session: Session, property_id: str, query: Mapping[str, Any], scope: str) -> Page:
    """Who has, had or will have a property, the latest assignment first."""
    property_exists(session, property_id)
    return _page(session, _SHOWN.where(assignments.c.property_id == property_id), query, scope)


def assignment(session: Session, customer_id: str, assignment_id: str) -> Mapping[str, Any]:
    """One assignment of a customer; raises AssignmentNotFound."""
    statement = _SHOWN.where(assignments.c.customer_id == customer_id, assignments.c.id == assignment_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise AssignmentNotFound("This customer has no such assignment.")
    return _shown(row)


def _page(session: Session, statement: Select[Any], query: Mapping[str, Any], scope: str) -> Page:
    if query["when"] != "all":
        statement = statement.where(assignments.c.state == _STATES[query["when"]])
    keys = [Key(assignments.c.starts_on, "desc"), Key(assignments.c.id, "desc")]
    rows = keyset(session, statement, keys, cursor=query.get("cursor"), limit=query["limit"], scope=scope)
    return Page([_shown(row) for row in rows.rows], rows.next_cursor)


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    group_id, group_name = row["location_group_id"], row["location_group_name"]
    place = {name: row[f"property_{name}"] for name in _PROPERTY}
    place |= {"id": row["property_id"], "location_group": {"id": group_id, "name": group_name} if group_id else None}
    customer = {"id": row["customer_id"], "number": row["customer_number"], "name": row["customer_name"]}
    return dict(row) | {"property": place, "customer": customer}
