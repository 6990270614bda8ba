"""API tokens: they act as their owner, within their scopes, and never exceed what the owner may do at that moment."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from common import outbox
from common.clock import Clock
from common.db import Database
from common.ids import new_id
from common.tokens import Principal
from identity import events
from identity.domain.accounts import change
from identity.domain.permissions import lacking, unknown_permissions
from identity.errors import (
    ApiTokenNotFound,
    ApiTokenRefused,
    Changed,
    ExpiryInvalid,
    GrantRefused,
    PersonRequired,
    RolesUnknown,
    TooManyApiTokens,
    TransitionRefused,
)
from identity.queries import accounts as account_queries
from identity.queries.grants import rights_of
from identity.tables import api_tokens
from identity.use_cases import session_ends
from identity.use_cases.dependencies import Dependencies
from identity.use_cases.hashing import digest, new_secret
from identity.use_cases.signing import API_LIFE_SECONDS, expires_in

MOST_PER_OWNER = 50
LONGEST_LIFE_YEARS = 10

_PREFIX = "atr_"
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


def create_token(session: Session, clock: Clock, caller: Principal, body: dict[str, Any]) -> dict[str, Any]:
    """A new token of the caller's own; returns its id and its secret, shown this once. Raises PersonRequired,
    RolesUnknown, GrantRefused, ExpiryInvalid, TooManyApiTokens."""
    if caller.kind == "api":
        raise PersonRequired
    scopes = _scopes(caller, body["scopes"])
    _check_expiry(clock, body.get("expires_at"))
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 0))"), {"owner": caller.account_id})
    own = select(func.count()).where(api_tokens.c.account_id == caller.account_id, api_tokens.c.revoked_at.is_(None))
    if session.execute(own).scalar_one() >= MOST_PER_OWNER:
        raise TooManyApiTokens(MOST_PER_OWNER)
    secret = new_secret(_PREFIX)
    row = {
        "id": new_id(),
        "account_id": caller.account_id,
        "name": body["name"],
        "scopes": scopes,
        "sid": new_id(),
        "secret_hash": digest(secret),
        "expires_at": body.get("expires_at"),
        "version": 1,
        "created_at": clock.now(),
    }
    session.execute(insert(api_tokens).values(row))
    outbox.add(session, events.api_token(events.API_TOKEN_CREATED, row, []))
    return {"id": row["id"], "token": secret}


def change_token(
    session: Session, clock: Clock, caller: Principal, token_id: str, version: int, body: dict[str, Any]
) -> None:
    """Changes name, scopes or expiry. Raises ApiTokenNotFound, Changed, PersonRequired, RolesUnknown, GrantRefused,
    ExpiryInvalid."""
    if caller.kind == "api":
        raise PersonRequired
    before = _held(session, caller, token_id)
    if before["version"] != version:
        raise Changed("Somebody changed the token since you read it; read it again and repeat your change.")
    after = before | body
    _check_expiry(clock, body.get("expires_at"))
    if "scopes" in body:
        after["scopes"] = _scopes(caller, body["scopes"])
    changes = [
        change(name, label, _text(before[name]), _text(after[name]))
        for name, label in (("name", "Name"), ("scopes", "Scopes"), ("expires_at", "Expires"))
        if before[name] != after[name]
    ]
    if not changes:
        return
    _store(session, after, changes, events.API_TOKEN_UPDATED)


def rotate_token(
    session: Session, clock: Clock, caller: Principal, token_id: str, overlap: timedelta
) -> dict[str, Any]:
    """A new secret for a token, shown this once; the old one works for `overlap` more. Raises ApiTokenNotFound,
    PersonRequired."""
    if caller.kind == "api":
        raise PersonRequired
    before = _held(session, caller, token_id)
    secret = new_secret(_PREFIX)
    until = clock.now() + overlap
    after = before | {
        "secret_hash": digest(secret),
        "previous_hash": before["secret_hash"] if overlap else None,
        "previous_until": until if overlap else None,
    }
    _store(session, after, [change("secret", "Secret")], events.API_TOKEN_UPDATED)
    return {"id": token_id, "token": secret, "previous_valid_until": until if overlap else None}


def revoke_token(session: Session, clock: Clock, caller: Principal, token_id: str) -> None:
    """Ends a token at once: one's own, or anybody's for who manages accounts. Raises ApiTokenNotFound."""
    before = _held(session, caller, token_id, also_others=caller.can("accounts.manage"))
    after = before | {"revoked_at": clock.now(), "previous_hash": None, "previous_until": None}
    _store(session, after, [], events.API_TOKEN_REVOKED)


def exchange(database: Database, deps: Dependencies, secret: str) -> dict[str, Any]:
    """A short access token for an API token: what its owner may do now, within its scopes. Raises ApiTokenRefused."""

    def work(session: Session) -> dict[str, Any]:
        now = deps.clock.now()
        hashed = digest(secret)
        matches = or_(
            api_tokens.c.secret_hash == hashed,
            and_(api_tokens.c.previous_hash == hashed, api_tokens.c.previous_until > now),
        )
        alive = or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now)
        row = session.execute(select(api_tokens).where(matches, alive, api_tokens.c.revoked_at.is_(None))).first()
        owner = account_queries.find(session, row.account_id) if row else None
        if row is None or owner is None or not owner.standing.may_sign_in:
            raise ApiTokenRefused
        if row.last_used_at is None or now - row.last_used_at > _USE_IS_NOTED_EVERY:
            session.execute(update(api_tokens).where(api_tokens.c.id == row.id).values(last_used_at=now))
        held = rights_of(session, owner)
        access = deps.signer.token(
            "api",
            account_id=owner.id,
            sid=row.sid,
            label=f"{owner.display_name} ({row.name})",
            permissions=sorted(set(held.permissions) & set(row.scopes)),
            life=API_LIFE_SECONDS,
        )
        return {"access_token": access, "token_type": "Bearer", "expires_in": expires_in(API_LIFE_SECONDS)}

    return database.run(work)


def _held(session: Session, caller: Principal, token_id: str, *, also_others: bool = False) -> dict[str, Any]:
    row = session.execute(select(api_tokens).where(api_tokens.c.id == token_id).with_for_update()).mappings().first()
    if row is None or (row["account_id"] != caller.account_id and not also_others):
        raise ApiTokenNotFound
    if row["revoked_at"] is not None:
        raise TransitionRefused("The token was revoked; make a new one.")
    return dict(row)


def _store(session: Session, after: dict[str, Any], changes: list[dict[str, Any]], event_type: str) -> None:
    # What was given for the token until now is refused, and what is given from now on has another sid.
    session_ends.revoke(session, after["sid"])
    stored = after | {"version": after["version"] + 1, "sid": new_id()}
    session.execute(update(api_tokens).where(api_tokens.c.id == after["id"]).values(stored))
    outbox.add(session, events.api_token(event_type, stored, changes))


def _check_expiry(clock: Clock, moment: datetime | None) -> None:
    now = clock.now()
    if moment is not None and not now < moment <= now + timedelta(days=365 * LONGEST_LIFE_YEARS):
        raise ExpiryInvalid(LONGEST_LIFE_YEARS)


def _scopes(caller: Principal, wanted: list[str]) -> list[str]:
    unknown = unknown_permissions(wanted)
    if unknown:
        raise RolesUnknown([f"permission {code!r}" for code in unknown], "/scopes")
    missing = lacking(caller.permissions, wanted)
    if missing:
        raise GrantRefused(missing)
    return sorted(set(wanted))


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
