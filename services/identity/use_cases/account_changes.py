"""Writing an account: whatever changes one goes through here, so that sessions, secrets and events always follow."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from identity import events
from identity.domain.accounts import Account, Change, changes_between, within_access
from identity.domain.permissions import ADMINISTRATOR
from identity.errors import AccountNotFound, Changed, LastAdministrator, UsernameTaken
from identity.queries import accounts as account_queries
from identity.queries import customers as customer_queries
from identity.queries import grants as grant_queries
from identity.tables import accounts, credentials, customer_access, grants, links, reset_requests, second_factors
from identity.use_cases import session_ends

_ADMINISTRATORS = 0x61646D  # the key of the advisory lock under which administrators become fewer


def lock(session: Session, account_id: str) -> Account:
    """An account held for a change, after the access section of its customer. Raises AccountNotFound."""
    seen = account_queries.find(session, account_id)
    if seen is None:
        raise AccountNotFound
    if seen.customer_id:
        lock_access(session, seen.customer_id)
    held = account_queries.locked(session, account_id)
    if held is None:
        raise AccountNotFound
    return held


def expect(account: Account, version: int) -> None:
    """Raises Changed unless the caller knows the present version."""
    if account.version != version:
        raise Changed("Somebody changed the account since you read it; read it again and repeat your change.")


def create(session: Session, account: Account) -> Account:
    """Inserts an account as version 1 with its event. Raises UsernameTaken."""
    made = replace(account, version=1)
    try:
        session.execute(insert(accounts).values(_columns(made)))
    except IntegrityError as error:
        raise _taken(error) from error
    outbox.add(session, events.account(events.ACCOUNT_CREATED, made, []))
    return made


def save(
    session: Session, before: Account, after: Account, *, reason: str, also: Sequence[Change] = ()
) -> tuple[Account, list[Change]]:
    """Writes a locked account as its next version with its event; returns it with its changes. Without a change it does
    nothing. An account that is switched off or loses its secrets loses its sessions, too; other roles end the access
    tokens. `also` are changes that the account's own fields do not show. Raises UsernameTaken, LastAdministrator."""
    changes = [*changes_between(before, after), *also]
    if not changes:
        return before, []
    _keep_an_administrator(session, before, after)
    after = replace(after, version=before.version + 1)
    try:
        session.execute(
            update(accounts).where(accounts.c.id == after.id).values(_columns(after) | {"updated_at": func.now()})
        )
    except IntegrityError as error:
        raise _taken(error) from error
    if (before.has_password and not after.has_password) or after.username is None:
        erase_secrets(session, after.id)
    if after.ended:
        session.execute(delete(grants).where(grants.c.account_id == after.id))
    if not after.standing.may_sign_in:
        session_ends.end_all(session, [after.id], reason)
        if after.kind == "staff":
            session_ends.renew_api_tokens(session, [after.id])
    elif (before.roles, before.subtree, before.visibility) != (after.roles, after.subtree, after.visibility):
        renew_access(session, after.kind, [after.id])
    outbox.add(session, events.account(events.ACCOUNT_UPDATED, after, changes))
    return after, changes


def renew_access(session: Session, kind: str, account_ids: Sequence[str]) -> None:
    """Ends the access tokens of accounts that may do something else from now on; their sessions go on."""
    session_ends.renew(session, account_ids)
    if kind == "staff":
        session_ends.renew_api_tokens(session, account_ids)


def renew_reach(session: Session, customer_id: str, *parents: str | None) -> None:
    """Ends the access tokens of those whose roles flow down to a customer, or did or will, from its parents."""
    above = customer_queries.ancestors(session, {customer_id, *filter(None, parents)})
    flowing = grant_queries.given_in(session, [id_ for id_ in above if id_ != customer_id], flowing=True)
    renew_access(session, "portal", flowing)


def erase_secrets(session: Session, account_id: str) -> None:
    """Forgets password, second factor and open links of an account."""
    for table in (credentials, second_factors, links, reset_requests):
        session.execute(delete(table).where(table.c.account_id == account_id))


def lock_access(session: Session, customer_id: str) -> int:
    """Holds the access section of a customer; returns its version, 0 where nothing was ever set."""
    statement = upsert(customer_access).values(customer_id=customer_id, version=0)
    session.execute(statement.on_conflict_do_nothing())
    held = select(customer_access.c.version).where(customer_access.c.customer_id == customer_id).with_for_update()
    return int(session.execute(held).scalar_one())


def publish_access(
    session: Session,
    customer_id: str,
    changed: Sequence[tuple[Account, list[Change]]] = (),
    also: Sequence[Change] = (),
) -> int:
    """Counts one more version of a customer's access section, which is locked, and publishes it whole. `also` are
    changes of the section that no account of the customer shows."""
    statement = update(customer_access).where(customer_access.c.customer_id == customer_id)
    raised = statement.values(version=customer_access.c.version + 1)
    row = session.execute(raised.returning(customer_access.c.version, customer_access.c.accepted_parent_id)).one()
    changes = [entry for account, some in changed for entry in within_access(account, some)] + list(also)
    section = events.Section(
        states=account_queries.of_customer(session, customer_id),
        guests=grant_queries.guests(session, customer_id),
        accepted_parent_id=row.accepted_parent_id,
    )
    outbox.add(session, events.access_changed(customer_id, row.version, section, changes))
    return int(row.version)


def save_and_publish(
    session: Session, before: Account, after: Account, *, reason: str, also: Sequence[Change] = ()
) -> Account:
    """`save`, and the access section of the account's customer where it has one."""
    saved, changes = save(session, before, after, reason=reason, also=also)
    if changes and saved.customer_id:
        publish_access(session, saved.customer_id, [(saved, changes)])
    return saved


def _keep_an_administrator(session: Session, before: Account, after: Account) -> None:
    if not _administers(before) or _administers(after):
        return
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADMINISTRATORS})
    others = select(func.count()).where(
        accounts.c.id != before.id, accounts.c.status == "active", accounts.c.roles.contains([ADMINISTRATOR])
    )
    if not session.execute(others).scalar_one():
        raise LastAdministrator


def _administers(account: Account) -> bool:
    return account.kind == "staff" and account.status == "active" and ADMINISTRATOR in account.roles


def _columns(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "kind": account.kind,
        "customer_id": account.customer_id,
        "is_login": account.is_login,
        "contact_id": account.contact_id,
        "username": account.username,
        "display_name": account.display_name,
        "email": account.email,
        "status": account.status,
        "disabled_reason": account.disabled_reason,
        "archive_id": account.archive_id,
        "roles": list(account.roles),
        "subtree": account.subtree,
        "visibility": account.visibility,
        "ended": account.ended,
        "version": account.version,
    }


def _taken(error: IntegrityError) -> Exception:
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return UsernameTaken() if constraint == "accounts_username_key" else error
