"""Operations on saved filters."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.domain.saved_filters import Viewer
from customer.queries import saved_filters as queries
from customer.queries import segments
from customer.schemas.rules import FilterChanges, FilterOut, FoundCustomer, NewFilter
from customer.use_cases import saved_filters, store
from customer.use_cases.rules import stored_rule
from customer_rules import When

routes = Routes("Saved filters", "Rules and directory queries kept by name, for oneself, for a role, or for everybody.")

_ONE = "/saved-filters/<uuid:filter_id>"


@routes.list("/saved-filters", permission="customers.view", out=FilterOut)
def list_filters(call: Call) -> Page:
    """The caller's own filters, and those shown to it, by name."""
    return queries.filter_page(call.session, _viewer(call), call.limit, call.cursor, call.cursor_scope)


@routes.post("/saved-filters", permission="customers.view", body=NewFilter, out=FilterOut)
def create_filter(call: Call) -> Mapping[str, Any]:
    """Saves a filter; showing it to others needs `segments.manage`."""
    record = saved_filters.create_filter(call.session, _viewer(call), call.body)
    return queries.saved_filter(call.session, _viewer(call), record["id"])


@routes.get(_ONE, permission="customers.view", out=FilterOut)
def show_filter(call: Call, filter_id: str) -> Mapping[str, Any]:
    """One filter."""
    return queries.saved_filter(call.session, _viewer(call), filter_id)


@routes.patch(_ONE, permission="customers.view", body=FilterChanges, out=FilterOut)
def change_filter(call: Call, filter_id: str) -> Mapping[str, Any]:
    """Changes a filter of one's own; with `segments.manage` also one that others share."""
    viewer = _viewer(call)
    record = saved_filters.change_filter(call.session, viewer, filter_id, call.version, call.body)
    return dict(record) | {"own": record["owner"] == viewer.account}


@routes.delete(_ONE, permission="customers.view", versioned=True)
def delete_filter(call: Call, filter_id: str) -> None:
    """Deletes a filter of one's own; with `segments.manage` also one that others share."""
    saved_filters.delete_filter(call.session, _viewer(call), filter_id, call.version)


@routes.list(f"{_ONE}/customers", permission="customers.view", out=FoundCustomer)
def list_filtered_customers(call: Call, filter_id: str) -> Page:
    """The customers that a filter's rule is true of now, by number. A directory query is answered by the directory."""
    document = queries.rule_of(call.session, _viewer(call), filter_id)
    rule = stored_rule(call.session, document)
    when = When(store.moment(call.session), call.deps.zone)
    return segments.matching_page(call.session, rule, when, call.limit, call.cursor, call.cursor_scope)


def _viewer(call: Call) -> Viewer:
    principal = call.principal
    roles = queries.roles_of(call.session, principal.account_id)
    return Viewer(principal.account_id, principal.label, roles, principal.can("segments.manage"))
