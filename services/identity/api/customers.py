"""The login of a customer and its people."""

from collections.abc import Mapping
from typing import Any

from common.web import SIGNED_IN, Call, Page, Routes
from common.web.access import PermissionMissing
from identity.queries import access as access_queries
from identity.queries import accounts as account_queries
from identity.schemas import customers as shapes
from identity.use_cases import customer_logins, customer_users

routes = Routes("Customer access", "The portal login of a customer and the people who may use its portal")

_LOGIN_PERMISSIONS = ("access.manage", "customers.edit")
USER_PERMISSIONS = ("portal_users.manage", *_LOGIN_PERMISSIONS)
_LOGINS: dict[str, Any] = {"permission": SIGNED_IN, "doc": {"x-permission": " | ".join(_LOGIN_PERMISSIONS)}}
USERS: dict[str, Any] = {
    "permission": SIGNED_IN,
    "portal": True,
    "doc": {"x-permission": " | ".join(USER_PERMISSIONS)},
}


@routes.get("/customers/<uuid:customer_id>/access", out=shapes.AccessOut, **_LOGINS)
def show_access(call: Call, customer_id: str) -> Mapping[str, Any]:
    """The portal login of a customer."""
    require(call, customer_id, *_LOGIN_PERMISSIONS, "customers.view")
    customer_logins.known_customer(call.session, customer_id, also_archived=True)
    return access_queries.access(call.session, customer_id)


@routes.put(
    "/customers/<uuid:customer_id>/access", body=shapes.WholeAccess, out=shapes.AccessSetOut, secret=True, **_LOGINS
)
def set_access(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Set the portal login: its user name, roles and reach. A login that is new or comes back is invited."""
    return _set(call, customer_id)


@routes.patch(
    "/customers/<uuid:customer_id>/access", body=shapes.AccessChanges, out=shapes.AccessSetOut, secret=True, **_LOGINS
)
def change_access(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Change the portal login. Clearing the user name switches it off and erases its secrets."""
    return _set(call, customer_id)


@routes.post("/customers/<uuid:customer_id>/access/reset", out=shapes.AccessSetOut, secret=True, status=200, **_LOGINS)
def reset_access(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Reset the portal account: sessions and secrets end, the login is invited again, its roles stay."""
    require(call, customer_id, *_LOGIN_PERMISSIONS)
    link = customer_logins.reset_login(call.session, call.deps.clock, customer_id)
    return access_queries.access(call.session, customer_id) | {"invitation": link}


@routes.list("/customers/<uuid:customer_id>/users", out=shapes.UserOut, **USERS)
def customer_users_page(call: Call, customer_id: str) -> Page:
    """The people of a customer, the oldest first."""
    require(call, customer_id, *USER_PERMISSIONS)
    customer_logins.known_customer(call.session, customer_id, also_archived=True)
    found = account_queries.users_page(
        call.session, customer_id, cursor=call.cursor, limit=call.limit, scope=call.cursor_scope
    )
    return Page(found.rows, found.next_cursor)


@routes.get("/customers/<uuid:customer_id>/users/<uuid:account_id>", out=shapes.UserOut, **USERS)
def show_customer_user(call: Call, customer_id: str, account_id: str) -> Mapping[str, Any]:
    """One person of a customer."""
    require(call, customer_id, *USER_PERMISSIONS)
    return access_queries.user(call.session, customer_id, account_id)


@routes.post("/customers/<uuid:customer_id>/users", body=shapes.NewUser, out=shapes.UserSetOut, secret=True, **USERS)
def add_customer_user(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Invite a person of a customer; hand them the link in the answer."""
    require(call, customer_id, *USER_PERMISSIONS)
    made = customer_users.add_user(call.session, call.deps.clock, call.principal, customer_id, call.body)
    return access_queries.user(call.session, customer_id, made["id"]) | {"invitation": made["invitation"]}


@routes.patch(
    "/customers/<uuid:customer_id>/users/<uuid:account_id>",
    body=shapes.UserChanges,
    out=shapes.UserSetOut,
    secret=True,
    **USERS,
)
def change_customer_user(call: Call, customer_id: str, account_id: str) -> Mapping[str, Any]:
    """Change a person of a customer: name, roles, reach, status. Clearing the user name ends the login."""
    require(call, customer_id, *USER_PERMISSIONS)
    link = customer_users.change_user(
        call.session, call.deps.clock, call.principal, customer_id, account_id, call.version, call.body
    )
    return access_queries.user(call.session, customer_id, account_id) | {"invitation": link}


@routes.post(
    "/customers/<uuid:customer_id>/users/<uuid:account_id>/reset",
    out=shapes.UserSetOut,
    secret=True,
    status=200,
    **USERS,
)
def reset_customer_user(call: Call, customer_id: str, account_id: str) -> Mapping[str, Any]:
    """End a person's sessions and secrets and invite them again; their roles stay."""
    require(call, customer_id, *USER_PERMISSIONS)
    link = customer_users.reset_user(call.session, call.deps.clock, call.principal, customer_id, account_id)
    return access_queries.user(call.session, customer_id, account_id) | {"invitation": link}


@routes.delete("/customers/<uuid:customer_id>/users/<uuid:account_id>", versioned=True, **USERS)
def remove_customer_user(call: Call, customer_id: str, account_id: str) -> None:
    """End a person's account for good; the user name is free again."""
    require(call, customer_id, *USER_PERMISSIONS)
    customer_users.remove_user(call.session, call.principal, customer_id, account_id, call.version)


def _set(call: Call, customer_id: str) -> Mapping[str, Any]:
    require(call, customer_id, *_LOGIN_PERMISSIONS)
    link = customer_logins.set_login(call.session, call.deps.clock, customer_id, call.version, call.body)
    return access_queries.access(call.session, customer_id) | {"invitation": link}


def require(call: Call, customer_id: str, *any_of: str) -> None:
    """Each of these permissions suffices; the first is the one to ask for."""
    if not any(call.principal.can(code, customer_id) for code in any_of):
        raise PermissionMissing(
            f"You need the permission {any_of[0]}; ask your administrator for a role that holds it.",
            facts={"permission": any_of[0]},
        )
