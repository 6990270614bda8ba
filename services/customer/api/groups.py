"""Operations on customer groups and their members."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import customers
from customer.queries import groups as queries
from customer.schemas.customers import CustomerOut, GroupOut, MembersOut, NewGroup, NewMembers
from customer.schemas.settings import DryRun, MoveTo
from customer.use_cases import groups

routes = Routes("Customer groups", "Customers that share settings; a customer is in one group at most.")

_ONE = "/customer-groups/<uuid:group_id>"


@routes.list("/customer-groups", permission="customers.view", out=GroupOut)
def list_groups(call: Call) -> Page:
    """All groups, by name."""
    return queries.group_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.post("/customer-groups", permission="groups.manage", body=NewGroup, out=GroupOut)
def create_group(call: Call) -> Mapping[str, Any]:
    """Creates a group."""
    return groups.create_group(call.session, call.body)


@routes.get(_ONE, permission="customers.view", out=GroupOut)
def show_group(call: Call, group_id: str) -> Mapping[str, Any]:
    """One group."""
    return queries.group(call.session, group_id)


@routes.patch(_ONE, permission="groups.manage", body=NewGroup, out=GroupOut)
def change_group(call: Call, group_id: str) -> Mapping[str, Any]:
    """Renames a group."""
    return groups.change_group(call.session, group_id, call.version, call.body)


@routes.delete(_ONE, permission="groups.manage", versioned=True, query=MoveTo)
def delete_group(call: Call, group_id: str) -> None:
    """Deletes a group; its members go to the group `move_to`, without which only one without members is deleted."""
    groups.delete_group(call.session, group_id, call.version, call.query.get("move_to"))


@routes.list(f"{_ONE}/customers", permission="customers.view", out=CustomerOut)
def list_members(call: Call, group_id: str) -> Page:
    """The customers of a group, by number."""
    queries.group(call.session, group_id)
    return customers.members(call.session, group_id, call.limit, call.cursor, call.cursor_scope)


@routes.post(
    f"{_ONE}/customers", permission="customers.edit", body=NewMembers, query=DryRun, out=MembersOut, status=200
)
def add_members(call: Call, group_id: str) -> Mapping[str, Any]:
    """Puts customers into the group, out of the one they were in: all of them, or none. `settings` says for how many of
    them each setting becomes another; with `dry_run` nothing is stored."""
    return groups.add_members(call.session, group_id, call.body["customer_ids"], dry_run=call.query["dry_run"])


@routes.delete(f"{_ONE}/customers/<uuid:customer_id>", permission="customers.edit")
def remove_member(call: Call, group_id: str, customer_id: str) -> None:
    """Takes a customer out of the group."""
    groups.remove_member(call.session, group_id, customer_id)
