"""Operations on links between customers, and on their types."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import links as queries
from customer.schemas.links import (
    LinkChanges,
    LinkFilters,
    LinkOut,
    LinkTypeChanges,
    LinkTypeOut,
    NewLink,
    NewLinkType,
)
from customer.use_cases import link_types, links

routes = Routes(
    "Links",
    "How customers are related, seen from both sides. A link implies nothing else: no hierarchy, credit or access.",
)

_LIST = "/customers/<uuid:customer_id>/links"
_ONE = f"{_LIST}/<uuid:link_id>"
_TYPE = "/link-types/<uuid:type_id>"


@routes.list(_LIST, permission="customers.view", query=LinkFilters, out=LinkOut)
def list_links(call: Call, customer_id: str) -> Page:
    """The links of a customer from either side, oldest first, each with the label for this side."""
    return queries.link_page(call.session, customer_id, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post(_LIST, permission="customers.edit", body=NewLink, out=LinkOut)
def add_link(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Links the customer to another one; both see it. The same link cannot hold twice on a day."""
    record = links.add_link(call.session, customer_id, call.body)
    return queries.link(call.session, customer_id, record["id"])


@routes.get(_ONE, permission="customers.view", out=LinkOut)
def show_link(call: Call, customer_id: str, link_id: str) -> Mapping[str, Any]:
    """One link, as this customer sees it."""
    return queries.link(call.session, customer_id, link_id)


@routes.patch(_ONE, permission="customers.edit", body=LinkChanges, out=LinkOut)
def change_link(call: Call, customer_id: str, link_id: str) -> Mapping[str, Any]:
    """Changes the days or the note of a link; a last day ends it."""
    links.change_link(call.session, customer_id, link_id, call.version, call.body)
    return queries.link(call.session, customer_id, link_id)


@routes.delete(_ONE, permission="customers.edit", versioned=True)
def remove_link(call: Call, customer_id: str, link_id: str) -> None:
    """Removes a link, from both sides."""
    links.remove_link(call.session, customer_id, link_id, call.version)


@routes.list("/link-types", permission="customers.view", out=LinkTypeOut)
def list_link_types(call: Call) -> Page:
    """All link types, by code."""
    return queries.link_type_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.post("/link-types", permission="schema.manage", body=NewLinkType, out=LinkTypeOut)
def create_link_type(call: Call) -> Mapping[str, Any]:
    """Adds a link type; a symmetric one has one label."""
    record = link_types.create_link_type(call.session, call.body)
    return queries.link_type(call.session, record["id"])


@routes.get(_TYPE, permission="customers.view", out=LinkTypeOut)
def show_link_type(call: Call, type_id: str) -> Mapping[str, Any]:
    """One link type."""
    return queries.link_type(call.session, type_id)


@routes.patch(_TYPE, permission="schema.manage", body=LinkTypeChanges, out=LinkTypeOut)
def change_link_type(call: Call, type_id: str) -> Mapping[str, Any]:
    """Changes a link type. `symmetric` and `dated` are fixed while it has links; kinds count for new links."""
    link_types.change_link_type(call.session, type_id, call.version, call.body)
    return queries.link_type(call.session, type_id)


@routes.delete(_TYPE, permission="schema.manage", versioned=True)
def delete_link_type(call: Call, type_id: str) -> None:
    """Deletes a link type without links."""
    link_types.delete_link_type(call.session, type_id, call.version)
