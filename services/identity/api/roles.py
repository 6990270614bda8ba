"""Roles and the catalogue of permissions."""

from collections.abc import Mapping
from typing import Any

from common.paging import read_values, write_cursor
from common.web import SIGNED_IN, Call, Page, Routes
from identity.domain.permissions import PERMISSIONS
from identity.errors import RoleNotFound
from identity.queries import roles as queries
from identity.schemas import accounts as shapes
from identity.use_cases import roles as use_cases

routes = Routes("Roles", "What staff may do, in bundles")


@routes.get("/permissions", permission=SIGNED_IN, out=shapes.PermissionsOut)
def permissions(_call: Call) -> Mapping[str, Any]:
    """Every permission and what it allows."""
    return {"items": [{"code": code, "description": text} for code, text in PERMISSIONS.items()]}


@routes.list("/roles", permission="accounts.view", out=shapes.RoleOut)
def roles(call: Call) -> Page:
    """All roles by code, the built-in ones among them."""
    after = read_values(call.cursor, call.cursor_scope)[0] if call.cursor else ""
    rest = [role for role in queries.every(call.session) if role["code"] > str(after)]
    page = rest[: call.limit]
    more = len(rest) > call.limit
    return Page(page, write_cursor([page[-1]["code"]], call.cursor_scope) if more else None)


@routes.get("/roles/<string:code>", permission="accounts.view", out=shapes.RoleOut)
def show_role(call: Call, code: str) -> Mapping[str, Any]:
    """One role."""
    return _shown(call, code)


@routes.post("/roles", permission="roles.manage", body=shapes.NewRole, out=shapes.RoleOut)
def create_role(call: Call) -> Mapping[str, Any]:
    """Make a role of permissions that you hold yourself."""
    return _shown(call, use_cases.create_role(call.session, call.principal, call.body))


@routes.patch("/roles/<string:code>", permission="roles.manage", body=shapes.RoleChanges, out=shapes.RoleOut)
def change_role(call: Call, code: str) -> Mapping[str, Any]:
    """Rename a role or change what it holds; whoever holds it can do so from now on."""
    use_cases.change_role(call.session, call.principal, code, call.version, call.body)
    return _shown(call, code)


@routes.delete("/roles/<string:code>", permission="roles.manage")
def delete_role(call: Call, code: str) -> None:
    """Delete a role that nobody holds."""
    use_cases.delete_role(call.session, call.principal, code)


def _shown(call: Call, code: str) -> dict[str, Any]:
    role = queries.one(call.session, code)
    if role is None:
        raise RoleNotFound
    return role
