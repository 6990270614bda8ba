"""Operations on location groups."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import location_groups as queries
from customer.schemas.location_groups import (
    LocationGroupChanges,
    LocationGroupFilter,
    LocationGroupOut,
    NewLocationGroup,
)
from customer.use_cases import location_groups

routes = Routes("Location groups", "The tree that properties are sorted into, at most eight levels deep.")

_LIST = "/location-groups"
_ONE = f"{_LIST}/<uuid:group_id>"


@routes.list(_LIST, permission="customers.view", query=LocationGroupFilter, out=LocationGroupOut)
def list_location_groups(call: Call) -> Page:
    """All location groups by name, each with how many properties it holds."""
    return queries.location_group_page(call.session, call.query, call.cursor_scope)


@routes.post(_LIST, permission="groups.manage", body=NewLocationGroup, out=LocationGroupOut)
def create_location_group(call: Call) -> Mapping[str, Any]:
    """Creates a location group. Among those beside it its name is the only one of its kind."""
    record = location_groups.create_location_group(call.session, call.body)
    return queries.location_group(call.session, record["id"])


@routes.get(_ONE, permission="customers.view", out=LocationGroupOut)
def show_location_group(call: Call, group_id: str) -> Mapping[str, Any]:
    """One location group."""
    return queries.location_group(call.session, group_id)


@routes.patch(_ONE, permission="groups.manage", body=LocationGroupChanges, out=LocationGroupOut)
def change_location_group(call: Call, group_id: str) -> Mapping[str, Any]:
    """Renames a location group, or moves it with everything below it."""
    location_groups.change_location_group(call.session, group_id, call.version, call.body)
    return queries.location_group(call.session, group_id)


@routes.delete(_ONE, permission="groups.manage", versioned=True)
def delete_location_group(call: Call, group_id: str) -> None:
    """Deletes an empty location group."""
    location_groups.delete_location_group(call.session, group_id, call.version)
