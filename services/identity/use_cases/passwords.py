"""Choosing a password: accepting an invitation, completing a reset, changing one's own."""

import hashlib
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from identity.domain.accounts import Account, change
from identity.domain.lifecycle import accept, enable
from identity.domain.passwords import is_possible, new_password, normalise
from identity.domain.usernames import fold
from identity.domain.usernames import username as usable_username
from identity.errors import AccountNotFound, PasswordWrong, TransitionRefused
from identity.queries import accounts as account_queries
from identity.tables import accounts, credentials, links, reset_requests
from identity.use_cases import account_changes, attempts, session_ends
from identity.use_cases import links as one_time_links
from identity.use_cases.dependencies import Dependencies
from identity.use_cases.sessions import as_themselves

_CHANGED = change("password", "Password")


def accept_invitation(
    database: Database, deps: Dependencies, context: Context, token: str, *, username: str | None, password: str
) -> dict[str, Any]:
    """Makes an invited account active; returns `{id, kind, username, display_name}`. Raises LinkInvalid, PasswordWeak,
    UsernameInvalid, UsernameTaken, TransitionRefused, Busy."""
    invited = database.run(lambda session: _owner(session, deps, token, "invitation"))
    name = usable_username(username) if username else invited.username
    hashed = deps.hasher.hash(new_password(password, username=name))

    def work(session: Session) -> dict[str, Any]:
        account = account_changes.lock(session, invited.id)
        one_time_links.redeem(session, deps.clock, token, "invitation")
        as_themselves(session, account)
        after = account.stands(accept(account.standing, name or account.username or ""))
        set_password(session, account.id, hashed)
        saved = account_changes.save_and_publish(session, account, after, reason="accepted")
        return _themselves(saved)

    return database.run(work, context=context)


def invitation(session: Session, deps: Dependencies, token: str) -> dict[str, Any]:
    """Whom an invitation is for. Raises LinkInvalid."""
    return _themselves(_owner(session, deps, token, "invitation"))


def request_reset(database: Database, deps: Dependencies, *, username: str, address: str) -> None:
    """Notes that somebody asks for a new password, for an administrator to see. Does the same whether or not there is
    such an account. Raises LoginThrottled."""
    name = fold(username)

    def work(session: Session) -> None:
        attempts.count(session, deps.clock, attempts.of_address(address, "password-reset"))
        account = select(accounts.c.id).where(accounts.c.username == name).scalar_subquery()
        values = {"account_id": account, "requested_at": deps.clock.now()}
        key = hashlib.sha256(name.encode("utf-8", "replace")).digest()
        statement = upsert(reset_requests).values(username_hash=key, **values)
        session.execute(statement.on_conflict_do_update(index_elements=[reset_requests.c.username_hash], set_=values))

    database.run(work)


def complete_reset(database: Database, deps: Dependencies, context: Context, token: str, password: str) -> None:
    """Sets the new password, ends all sessions, and unlocks a locked account. Raises LinkInvalid, PasswordWeak,
    TransitionRefused, Busy."""
    owner = database.run(lambda session: _owner(session, deps, token, "password_reset"))
    hashed = deps.hasher.hash(new_password(password, username=owner.username))

    def work(session: Session) -> None:
        account = account_changes.lock(session, owner.id)
        one_time_links.redeem(session, deps.clock, token, "password_reset")
        as_themselves(session, account)
        after = account
        if account.disabled_reason == "locked":
            after = account.stands(enable(account.standing))
        if not after.standing.may_sign_in:
            raise TransitionRefused("The account is not active; ask your administrator.")
        set_password(session, account.id, hashed)
        session_ends.end_all(session, [account.id], "password_changed")
        session.execute(delete(reset_requests).where(reset_requests.c.account_id == account.id))
        attempts.forget(session, attempts.of_account(account.username or ""))
        account_changes.save_and_publish(session, account, after, reason="password_changed", also=[_CHANGED])

    database.run(work, context=context)


def change_own(
    database: Database, deps: Dependencies, context: Context, account_id: str, sid: str, *, present: str, new: str
) -> None:
    """Changes the caller's password and ends all their other sessions. Raises PasswordWrong, PasswordWeak,
    LoginThrottled, Busy."""
    account = confirm_present(database, deps, account_id, present)
    hashed = deps.hasher.hash(new_password(new, username=account.username))

    def work(session: Session) -> None:
        held = account_changes.lock(session, account_id)
        if not held.standing.may_sign_in:
            raise AccountNotFound
        set_password(session, account_id, hashed)
        session.execute(delete(links).where(links.c.account_id == account_id))
        session_ends.end_all(session, [account_id], "password_changed", keep_sid=sid)
        account_changes.save_and_publish(session, held, held, reason="password_changed", also=[_CHANGED])

    database.run(work, context=context)


def confirm_present(database: Database, deps: Dependencies, account_id: str, password: str) -> Account:
    """Checks the caller's present password before a change of credentials. A stolen access token must not become a way
    to guess it: attempts count as those of signing in. Raises PasswordWrong, LoginThrottled, Busy."""

    def look(session: Session) -> tuple[Account, str | None]:
        account = account_queries.find(session, account_id)
        if account is None:
            raise AccountNotFound
        attempts.count(session, deps.clock, attempts.of_account(account.username or ""))
        stored = select(credentials.c.password_hash).where(credentials.c.account_id == account_id)
        return account, session.execute(stored).scalar_one_or_none()

    account, stored = database.run(look)
    if not is_possible(password) or not deps.hasher.verify(stored, normalise(password)):
        raise PasswordWrong
    database.run(lambda session: attempts.take_back(session, deps.clock, attempts.of_account(account.username or "")))
    return account


def set_password(session: Session, account_id: str, hashed: str) -> None:
    """Stores the hash of an account's password."""
    statement = upsert(credentials).values(account_id=account_id, password_hash=hashed)
    session.execute(
        statement.on_conflict_do_update(index_elements=[credentials.c.account_id], set_={"password_hash": hashed})
    )


def _owner(session: Session, deps: Dependencies, token: str, purpose: one_time_links.Purpose) -> Account:
    account = account_queries.find(session, one_time_links.account_of(session, deps.clock, token, purpose))
    if account is None:
        raise AccountNotFound
    return account


def _themselves(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "kind": account.kind,
        "username": account.username,
        "display_name": account.display_name,
    }
