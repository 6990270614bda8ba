"""Signing in, staying signed in, signing out."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.db import Database
from common.ids import new_id
from identity import events
from identity.domain.accounts import Account
from identity.domain.lifecycle import disable
from identity.domain.passwords import is_possible, normalise
from identity.domain.throttling import LOCKED_AFTER
from identity.domain.usernames import fold
from identity.errors import (
    AccountNotFound,
    CredentialsRefused,
    LastAdministrator,
    PasswordWrong,
    RefreshRefused,
    SecondFactorRequired,
    SessionNotFound,
)
from identity.queries import accounts as account_queries
from identity.queries.grants import rights_of
from identity.tables import accounts, credentials, sessions
from identity.use_cases import account_changes, attempts, second_factor, session_ends
from identity.use_cases.dependencies import Dependencies
from identity.use_cases.hashing import digest, new_secret
from identity.use_cases.signing import expires_in

IDLE = timedelta(days=3)
LONGEST = timedelta(days=30)

_PREFIX = "atrr_"


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from, as its owner may recognise it in the list of sessions."""

    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class _Found:
    account_id: str
    password_hash: str


def sign_in(
    database: Database,
    deps: Dependencies,
    context: Context,
    *,
    username: str,
    password: str,
    code: str | None,
    client: Client,
) -> dict[str, Any]:
    """Starts a session and returns its tokens. Raises LoginThrottled, CredentialsRefused, SecondFactorRequired,
    SecondFactorRefused, Busy. Takes the same time and the same transactions whether or not there is such an account,
    and holds no connection while it hashes."""
    name = fold(username)
    counters = (attempts.of_account(name), attempts.of_address(client.address))
    failures = database.run(lambda session: attempts.count(session, deps.clock, *counters))
    found = database.run(lambda session: _credentials(session, name))
    stored = found.password_hash if found else None
    if not is_possible(password) or not deps.hasher.verify(stored, normalise(password)):
        if found and failures >= LOCKED_AFTER:
            _lock_out(database, context, found.account_id)
        raise CredentialsRefused
    assert found is not None
    renewed = deps.hasher.hash(normalise(password)) if deps.hasher.is_outdated(found.password_hash) else None

    def start(session: Session) -> dict[str, Any]:
        account = account_queries.locked(session, found.account_id)
        present = _credentials(session, name)
        if account is None or not account.standing.may_sign_in or present != found:
            raise CredentialsRefused
        as_themselves(session, account)
        if second_factor.is_on(session, account.id):
            second_factor.require(session, deps, account.id, code)
        if renewed:
            session.execute(
                update(credentials).where(credentials.c.account_id == account.id).values(password_hash=renewed)
            )
        attempts.forget(session, counters[0])
        attempts.take_back(session, deps.clock, counters[1])
        return _started(session, deps, account, client)

    return _taking_back(database, deps, counters, context, start)


def refresh(database: Database, deps: Dependencies, context: Context, token: str) -> dict[str, Any]:
    """New tokens for a refresh token, which is used up by it. A token that was used before ends the session: either its
    owner or somebody else holds a copy. Raises RefreshRefused."""
    family = token.partition(".")[0]

    def work(session: Session) -> dict[str, Any] | None:
        held = select(sessions).where(sessions.c.family_hash == digest(family)).with_for_update()
        row = session.execute(held).mappings().first()
        if row is None:
            return None
        now = deps.clock.now()
        if now - row["last_used_at"] > IDLE or now - row["created_at"] > LONGEST:
            session_ends.end_one(session, row["id"], "expired")
            return None
        if not hmac.compare_digest(bytes(row["current_hash"]), digest(token)):
            session_ends.end_one(session, row["id"], "refresh_reused")
            return None
        account = account_queries.find(session, row["account_id"])
        if account is None or not account.standing.may_sign_in:
            return None
        renewed = f"{family}.{new_secret()}"
        session.execute(
            update(sessions).where(sessions.c.id == row["id"]).values(current_hash=digest(renewed), last_used_at=now)
        )
        return _tokens(session, deps, account, row["sid"], row["authenticated_at"], renewed)

    # The end of a session must be kept although the caller is refused.
    given = database.run(work, context=context)
    if given is None:
        raise RefreshRefused
    return given


def authenticate_again(
    database: Database,
    deps: Dependencies,
    context: Context,
    account_id: str,
    sid: str,
    *,
    password: str,
    code: str | None,
) -> dict[str, Any]:
    """An access token of the same session that says the person is there now; the refresh token stays as it is. Asks for
    what signing in asks for, and counts attempts as that does. Raises PasswordWrong, SecondFactorRequired,
    SecondFactorRefused, RefreshRefused where the session has ended, LoginThrottled, Busy."""

    def look(session: Session) -> tuple[attempts.Counter, str | None]:
        account = account_queries.find(session, account_id)
        if account is None:
            raise AccountNotFound
        counter = attempts.of_account(account.username or "")
        attempts.count(session, deps.clock, counter)
        stored = select(credentials.c.password_hash).where(credentials.c.account_id == account_id)
        return counter, session.execute(stored).scalar_one_or_none()

    counter, stored = database.run(look)
    if not is_possible(password) or not deps.hasher.verify(stored, normalise(password)):
        raise PasswordWrong

    def confirm(session: Session) -> dict[str, Any]:
        held = select(sessions.c.id).where(sessions.c.sid == sid, sessions.c.account_id == account_id).with_for_update()
        row = session.execute(held).first()
        account = account_queries.find(session, account_id)
        if row is None or account is None or not account.standing.may_sign_in:
            raise RefreshRefused
        if second_factor.is_on(session, account_id):
            second_factor.require(session, deps, account_id, code)
        attempts.take_back(session, deps.clock, counter)
        now = deps.clock.now()
        session.execute(update(sessions).where(sessions.c.id == row.id).values(authenticated_at=now))
        return _access_token(session, deps, account, sid, now)

    return _taking_back(database, deps, (counter,), context, confirm)


def sign_out(session: Session, sid: str) -> None:
    """Ends the session that an access token belongs to; it may have ended already."""
    row = session.execute(select(sessions.c.id).where(sessions.c.sid == sid)).first()
    if row:
        session_ends.end_one(session, row.id, "signed_out")


def end_own(session: Session, account_id: str, session_id: str) -> None:
    """Ends one of the account's own sessions. Raises SessionNotFound."""
    own = select(sessions.c.id).where(sessions.c.id == session_id, sessions.c.account_id == account_id)
    if session.execute(own).first() is None:
        raise SessionNotFound
    session_ends.end_one(session, session_id, "signed_out")


def as_themselves(session: Session, account: Account) -> None:
    """Names the account as the one who acts, where the request came without a token."""
    actor = f"{account.kind}:{account.id}"
    session.info["context"] = replace(session.info["context"], actor=actor, actor_label=account.display_name)


def _credentials(session: Session, username: str) -> _Found | None:
    statement = (
        select(accounts.c.id, credentials.c.password_hash)
        .join(credentials, credentials.c.account_id == accounts.c.id)
        .where(accounts.c.username == username, accounts.c.status == "active")
    )
    row = session.execute(statement).first()
    return _Found(row.id, row.password_hash) if row else None


def _started(session: Session, deps: Dependencies, account: Account, client: Client) -> dict[str, Any]:
    now = deps.clock.now()
    session_id, sid = new_id(), new_id()
    family = new_secret(_PREFIX)
    token = f"{family}.{new_secret()}"
    session.execute(
        insert(sessions).values(
            id=session_id,
            account_id=account.id,
            sid=sid,
            family_hash=digest(family),
            current_hash=digest(token),
            user_agent=client.user_agent[:200],
            address=client.address[:64],
            created_at=now,
            last_used_at=now,
            authenticated_at=now,
        )
    )
    session.execute(update(accounts).where(accounts.c.id == account.id).values(last_sign_in_at=now))
    outbox.add(session, events.session_started(session_id, account.id))
    return _tokens(session, deps, account, sid, now, token)


def _tokens(
    session: Session, deps: Dependencies, account: Account, sid: str, authenticated_at: datetime, refresh_token: str
) -> dict[str, Any]:
    return _access_token(session, deps, account, sid, authenticated_at) | {"refresh_token": refresh_token}


def _access_token(
    session: Session, deps: Dependencies, account: Account, sid: str, authenticated_at: datetime
) -> dict[str, Any]:
    rights = rights_of(session, account)
    access = deps.signer.token(
        account.kind,
        account_id=account.id,
        sid=sid,
        label=account.display_name,
        permissions=rights.permissions,
        reach=rights.reach,
        authenticated_at=authenticated_at,
    )
    return {"access_token": access, "token_type": "Bearer", "expires_in": expires_in()}


def _taking_back(
    database: Database,
    deps: Dependencies,
    counters: tuple[attempts.Counter, ...],
    context: Context,
    start: Callable[[Session], dict[str, Any]],
) -> dict[str, Any]:
    try:
        return database.run(start, context=context)
    except SecondFactorRequired:
        # Asking for the code is a step of signing in, not a failure.
        database.run(lambda session: attempts.take_back(session, deps.clock, *counters))
        raise


def _lock_out(database: Database, context: Context, account_id: str) -> None:
    def work(session: Session) -> None:
        account = account_changes.lock(session, account_id)
        if account.standing.may_sign_in:
            after = account.stands(disable(account.standing, "locked"))
            account_changes.save_and_publish(session, account, after, reason="locked")

    try:
        database.run(work, context=context)
    except LastAdministrator:
        # Nobody could unlock the last administrator; the waiting times stay.
        return
