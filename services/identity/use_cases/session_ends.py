"""Ending sessions and access tokens: each way leaves its mark in `revocations` in the same transaction.

Deleting a session ends its refresh token; the access tokens that are still out carry its `sid`, which every gateway
refuses from now on. Renewing a `sid` ends the access tokens only: the next refresh gives one with what holds now.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from identity import events

CHANNEL = "revocations"


def end_all(session: Session, account_ids: Sequence[str], reason: str, *, keep_sid: str | None = None) -> None:
    """Ends all sessions of accounts, except the one named."""
    found = session.execute(_END_ALL, {"accounts": list(account_ids), "keep": keep_sid}).all()
    _revoke(session, [row.sid for row in found])
    for row in found:
        outbox.add(session, events.session_ended(row.id, row.account_id, reason))


def end_one(session: Session, session_id: str, reason: str) -> None:
    """Ends one session, where it has not ended already."""
    row = session.execute(_END_ONE, {"id": session_id}).first()
    if row:
        _revoke(session, [row.sid])
        outbox.add(session, events.session_ended(row.id, row.account_id, reason))


def renew(session: Session, account_ids: Sequence[str]) -> None:
    """Ends the access tokens of accounts; their sessions go on."""
    _revoke(session, list(session.scalars(_RENEW, {"accounts": list(account_ids)})))


def renew_api_tokens(session: Session, account_ids: Sequence[str]) -> None:
    """Ends the access tokens that were given for API tokens of accounts."""
    _revoke(session, list(session.scalars(_RENEW_API_TOKENS, {"accounts": list(account_ids)})))


def revoke(session: Session, sid: str) -> None:
    """Ends the access tokens with a `sid`."""
    _revoke(session, [sid])


def _revoke(session: Session, sids: Sequence[str]) -> None:
    if sids:
        session.execute(_REVOKE, {"sids": list(sids)})
        # Rare enough for the lock that NOTIFY takes at commit, and nothing else tells the gateways within a second.
        session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


_END_ALL = text(
    "DELETE FROM sessions WHERE account_id = ANY (CAST(:accounts AS uuid[]))"
    " AND sid IS DISTINCT FROM CAST(:keep AS uuid)"
    " RETURNING id::text AS id, account_id::text AS account_id, sid::text AS sid"
)
_END_ONE = text(
    "DELETE FROM sessions WHERE id = :id RETURNING id::text AS id, account_id::text AS account_id, sid::text AS sid"
)
_RENEW = text(
    "WITH old AS MATERIALIZED"
    " (SELECT id, sid FROM sessions WHERE account_id = ANY (CAST(:accounts AS uuid[])) FOR UPDATE)"
    " UPDATE sessions s SET sid = gen_random_uuid() FROM old WHERE s.id = old.id RETURNING old.sid::text"
)
_RENEW_API_TOKENS = text(
    "WITH old AS MATERIALIZED"
    " (SELECT id, sid FROM api_tokens WHERE account_id = ANY (CAST(:accounts AS uuid[])) FOR UPDATE)"
    " UPDATE api_tokens t SET sid = gen_random_uuid() FROM old WHERE t.id = old.id RETURNING old.sid::text"
)
_REVOKE = text("INSERT INTO revocations (sid) SELECT unnest(CAST(:sids AS uuid[]))")
