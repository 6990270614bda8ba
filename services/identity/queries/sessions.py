"""One's own sessions and API tokens, requests for new passwords, and who one is."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.paging import Key, Rows, keyset
from identity.domain.permissions import leading_role
from identity.errors import AccountNotFound, ApiTokenNotFound
from identity.queries import accounts as account_queries
from identity.queries.grants import rights_of
from identity.tables import accounts, api_tokens, reset_requests, sessions

_TOKEN = (
    api_tokens.c.id,
    api_tokens.c.account_id,
    api_tokens.c.name,
    api_tokens.c.scopes,
    api_tokens.c.expires_at,
    api_tokens.c.previous_until.label("previous_valid_until"),
    api_tokens.c.last_used_at,
    api_tokens.c.created_at,
    api_tokens.c.version,
)


def me(session: Session, account_id: str) -> dict[str, Any]:
    """`{account, permissions, customers}`: what a signed-in account is and may do. Raises AccountNotFound."""
    account = account_queries.find(session, account_id)
    shown = account_queries.shown(session, account_id)
    if account is None or shown is None or account.ended:
        raise AccountNotFound
    rights = rights_of(session, account)
    return {
        "account": dict(shown),
        "permissions": list(rights.permissions),
        "customers": [
            {
                "id": customer.id,
                "name": customer.name,
                "roles": list(customer.roles),
                "role": leading_role(customer.roles),
                "permissions": list(customer.permissions),
            }
            for customer in rights.customers or ()
        ],
    }


def own_sessions(session: Session, account_id: str, *, cursor: str | None, limit: int, scope: str) -> Rows:
    """An account's sessions, the newest first; `sid` marks the one that a token belongs to."""
    statement = select(
        sessions.c.id,
        sessions.c.sid,
        sessions.c.user_agent,
        sessions.c.address,
        sessions.c.created_at,
        sessions.c.last_used_at,
    ).where(sessions.c.account_id == account_id)
    return keyset(session, statement, [Key(sessions.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)


def tokens_of(session: Session, account_id: str, *, cursor: str | None, limit: int, scope: str) -> Rows:
    """The API tokens of an owner that are not revoked, the newest first."""
    statement = select(*_TOKEN).where(api_tokens.c.account_id == account_id, api_tokens.c.revoked_at.is_(None))
    return keyset(session, statement, [Key(api_tokens.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)


def token(session: Session, account_id: str, token_id: str) -> dict[str, Any]:
    """One API token of an owner. Raises ApiTokenNotFound."""
    mine = (api_tokens.c.id == token_id, api_tokens.c.account_id == account_id, api_tokens.c.revoked_at.is_(None))
    row = session.execute(select(*_TOKEN).where(*mine)).mappings().first()
    if row is None:
        raise ApiTokenNotFound
    return dict(row)


def open_reset_requests(session: Session, *, cursor: str | None, limit: int, scope: str) -> Rows:
    """Accounts whose owners asked for a new password, the latest request first."""
    statement = select(
        reset_requests.c.account_id,
        reset_requests.c.requested_at,
        accounts.c.kind,
        accounts.c.username,
        accounts.c.display_name,
        accounts.c.customer_id,
        accounts.c.status,
    ).join(accounts, accounts.c.id == reset_requests.c.account_id)
    keys = [Key(reset_requests.c.requested_at, "desc"), Key(reset_requests.c.account_id, "desc")]
    return keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
