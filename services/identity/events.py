"""What this service publishes. Never a secret, nor a hash of one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from common.clock import rfc3339
from common.outbox import Draft
from identity.domain.accounts import Account, Change
from identity.domain.permissions import leading_role

ACCOUNT_CREATED = "identity.account.created.v1"
ACCOUNT_UPDATED = "identity.account.updated.v1"
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


def access_changed(customer_id: str, version: int, states: Sequence[Account], changes: Sequence[Change]) -> Draft:
    """The whole access section of one customer: its login and its people."""
    login = next((state for state in states if state.is_login), None)
    data = {
        "customer_id": customer_id,
        "login": _login(login) if login else None,
        "users": [_user(state) for state in states if not state.is_login],
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
        "contact_id": state.contact_id,
    }
