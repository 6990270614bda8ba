"""What this service publishes. Never a secret, nor a hash of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.clock import rfc3339
from common.ids import new_id
from common.outbox import Draft
from identity.domain.accounts import Account, Change
from identity.domain.permissions import leading_role

ACCOUNT_CREATED = "identity.account.created.v1"
ACCOUNT_UPDATED = "identity.account.updated.v1"
ACCOUNT_ERASED = "identity.account.erased.v1"
ERASURE_COMPLETED = "identity.erasure.completed.v1"
ACCESS_CHANGED = "identity.access.changed.v1"
ROLE_CREATED = "identity.role.created.v1"
ROLE_UPDATED = "identity.role.updated.v1"
ROLE_DELETED = "identity.role.deleted.v1"
SESSION_STARTED = "identity.session.started.v1"
SESSION_ENDED = "identity.session.ended.v1"
API_TOKEN_CREATED = "identity.api_token.created.v1"  # noqa: S105  # the name of an event
API_TOKEN_UPDATED = "identity.api_token.updated.v1"  # noqa: S105
API_TOKEN_REVOKED = "identity.api_token.revoked.v1"  # noqa: S105

PUBLISHES = frozenset(
    {
        ACCOUNT_CREATED,
        ACCOUNT_UPDATED,
        ACCOUNT_ERASED,
        ERASURE_COMPLETED,
        ACCESS_CHANGED,
        ROLE_CREATED,
        ROLE_UPDATED,
        ROLE_DELETED,
        SESSION_STARTED,
        SESSION_ENDED,
        API_TOKEN_CREATED,
        API_TOKEN_UPDATED,
        API_TOKEN_REVOKED,
    }
)


def account(event_type: str, state: Account, changes: Sequence[Change]) -> Draft:
    """The whole account, and what a person would say has changed."""
    data = {
        "id": state.id,
        "kind": state.kind,
        "username": state.username,
        "display_name": state.display_name,
        "email": state.email,
        "status": state.status,
        "disabled_reason": state.disabled_reason,
        "roles": list(state.roles),
        "changes": list(changes),
    }
    return Draft(event_type, state.id, state.version, data)


def account_erased(account_id: str, version: int, request_id: str | None, customer_id: str = "") -> Draft:
    """A portal account is gone, and whoever keeps its name erases it: among its own events, or among those of a
    customer where it had roles."""
    data = {
        "id": account_id,
        "customer_id": customer_id or None,
        "request_id": request_id,
        "erased_ids": [account_id],
        "everything": not customer_id,
    }
    return Draft(ACCOUNT_ERASED, account_id, version, data, customer_id)


def erasure_completed(request_id: str, customer_id: str, counts: Mapping[str, int]) -> Draft:
    """What this service has erased for a privacy request."""
    data = {"request_id": request_id, "customer_id": customer_id, "counts": dict(counts)}
    return Draft(ERASURE_COMPLETED, new_id(), 1, data, customer_id)


@dataclass(frozen=True, slots=True)
class Section:
    """Who may use the portal of a customer: its login and people, those of other customers with roles here, and the
    parent from which roles flow down, if one is accepted."""

    states: Sequence[Account]
    guests: Sequence[Any]  # rows of `queries.grants.guests`
    accepted_parent_id: str | None


def access_changed(customer_id: str, version: int, section: Section, changes: Sequence[Change]) -> Draft:
    """The whole access section of one customer."""
    login = next((state for state in section.states if state.is_login), None)
    data = {
        "customer_id": customer_id,
        "login": _login(login) if login else None,
        "users": [_user(state) for state in section.states if not state.is_login],
        "guests": [_guest(row) for row in section.guests],
        "accepted_parent_id": section.accepted_parent_id,
        "changes": list(changes),
    }
    return Draft(ACCESS_CHANGED, customer_id, version, data, customer_id)


def role(event_type: str, row: Mapping[str, Any], changes: Sequence[Change]) -> Draft:
    """A role of the provider's own."""
    data = {
        "id": row["id"],
        "code": row["code"],
        "name": row["name"],
        "permissions": list(row["permissions"]),
        "changes": list(changes),
    }
    return Draft(event_type, row["id"], row["version"], data)


def session_started(session_id: str, account_id: str) -> Draft:
    """Somebody signed in."""
    return Draft(SESSION_STARTED, session_id, 1, {"id": session_id, "account_id": account_id})


def session_ended(session_id: str, account_id: str, reason: str) -> Draft:
    """A session ended before its time, and why."""
    return Draft(SESSION_ENDED, session_id, 2, {"id": session_id, "account_id": account_id, "reason": reason})


def api_token(event_type: str, row: Mapping[str, Any], changes: Sequence[Change]) -> Draft:
    """An API token without its secret."""
    expires: datetime | None = row["expires_at"]
    data = {
        "id": row["id"],
        "account_id": row["account_id"],
        "name": row["name"],
        "scopes": list(row["scopes"]),
        "expires_at": rfc3339(expires) if expires else None,
        "changes": list(changes),
    }
    return Draft(event_type, row["id"], row["version"], data)


def _login(state: Account) -> dict[str, Any]:
    return {
        "account_id": state.id,
        "username": state.username,
        "status": state.status,
        "disabled_reason": state.disabled_reason,
        "roles": list(state.roles),
        "subtree": state.subtree,
        "visibility": state.visibility,
    }


def _user(state: Account) -> dict[str, Any]:
    return {
        "account_id": state.id,
        "display_name": state.display_name,
        "username": state.username,
        "status": state.status,
        "role": leading_role(state.roles),
        "roles": list(state.roles),
        "subtree": state.subtree,
        "visibility": state.visibility,
        "contact_id": state.contact_id,
    }


def _guest(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "account_id": row["account_id"],
        "home_customer_id": row["home_customer_id"],
        "display_name": row["display_name"],
        "role": leading_role(row["roles"]),
        "roles": list(row["roles"]),
        "subtree": row["subtree"],
        "visibility": row["visibility"],
    }
