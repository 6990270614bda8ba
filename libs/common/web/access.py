"""Who may call an operation: permission and row scope, before anything of the content is read."""

import time
from typing import Any

from flask import request

from common.errors import Forbidden, NotFound, Unauthenticated
from common.tokens import Principal, Verifier, bearer
from common.web.routes import PUBLIC, SIGNED_IN, Operation


class PermissionMissing(Forbidden):
    """The caller's roles do not hold the permission."""

    code = "permission_missing"
    title = "Your roles do not allow this"


class StaffOnly(Forbidden):
    """A portal account called what only staff may call."""

    code = "staff_only"
    title = "Only staff may do this"


class PersonOnly(Forbidden):
    """An API token called what only a person may do."""

    code = "person_only"
    title = "Only a person may do this"


class AuthenticationTooOld(Unauthenticated):
    """The caller signed in too long ago for what it asks (RFC 9470)."""

    code = "authentication_too_old"
    title = "Enter your password again"


class CustomerNotFound(NotFound):
    """There is no such customer for the caller."""

    code = "customer.not_found"
    title = "No such customer"


def authorise(operation: Operation, path: dict[str, Any], verifier: Verifier) -> Principal | None:
    """Who calls, or None on a public operation. A row out of scope does not exist for the caller (404), whatever the
    permission; a missing permission is named (403)."""
    if operation.permission == PUBLIC:
        return None
    principal = verifier.principal(bearer(request.headers.get("Authorization")))
    customer_id = path.get("customer_id")
    if principal.is_portal:
        if customer_id is not None and not principal.sees(customer_id):
            raise CustomerNotFound("There is no such customer.")
        if not operation.portal:
            raise StaffOnly("This is for staff accounts; ask your contact at the provider.")
    needed = (principal.is_portal and operation.portal_permission) or operation.permission
    if needed != SIGNED_IN:
        require(principal, needed, customer_id)
    if operation.fresh is not None:
        _check_freshness(principal, operation.fresh)
    return principal


def require(principal: Principal, permission: str, customer_id: str | None = None) -> None:
    """Raises PermissionMissing where the caller does not hold a permission (for that customer); for what an operation
    needs only with some contents."""
    if not principal.can(permission, customer_id):
        raise PermissionMissing(
            f"You need the permission {permission}; ask your administrator for a role that holds it.",
            facts={"permission": permission},
        )


def _check_freshness(principal: Principal, seconds: int) -> None:
    if principal.kind == "api":
        raise PersonOnly("An API token cannot do this; sign in with your own account.")
    if principal.authenticated_at is None or time.time() - principal.authenticated_at > seconds:
        raise AuthenticationTooOld(
            f"This needs a password that was entered within the last {seconds // 60} minutes; enter it again"
            " (POST /api/sessions/current/authentication) and repeat the request with the new access token.",
            facts={"max_age": seconds},
        )
