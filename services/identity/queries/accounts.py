"""Accounts: as the rules need them, and as lists show them."""

from collections.abc import Collection, Sequence
from typing import Any

import orjson
from sqlalchemy import RowMapping, Select, exists, or_, select, text
from sqlalchemy.orm import Session

from common.paging import Key, Rows, keyset
from identity.domain.accounts import Account
from identity.tables import accounts, credentials, second_factors

MOST_EVENTS = 10_000

_LOG = text(
    """
    SELECT body FROM (
        SELECT seq, body FROM outbox WHERE partition_key = ANY (:keys)
        ORDER BY seq + 0 DESC LIMIT :most -- so that only the index by key can serve
    ) AS newest ORDER BY seq
    """
)

# Columns by name: a portal administrator may see that there is a password, and nothing of it.
_HAS_PASSWORD = exists(credentials.c.account_id).where(credentials.c.account_id == accounts.c.id).label("has_password")

_STATE = (
    accounts.c.id,
    accounts.c.kind,
    accounts.c.display_name,
    accounts.c.status,
    accounts.c.username,
    accounts.c.email,
    accounts.c.customer_id,
    accounts.c.is_login,
    accounts.c.contact_id,
    accounts.c.disabled_reason,
    accounts.c.archive_id,
    _HAS_PASSWORD,
    accounts.c.roles,
    accounts.c.subtree,
    accounts.c.visibility,
    accounts.c.ended,
    accounts.c.version,
)

_HAS_FACTOR = (
    exists(second_factors.c.account_id)
    .where(second_factors.c.account_id == accounts.c.id, second_factors.c.confirmed_at.is_not(None))
    .label("second_factor")
)

_SHOWN = (
    accounts.c.id,
    accounts.c.kind,
    accounts.c.username,
    accounts.c.display_name,
    accounts.c.email,
    accounts.c.status,
    accounts.c.disabled_reason,
    accounts.c.roles,
    accounts.c.customer_id,
    accounts.c.last_sign_in_at,
    accounts.c.created_at,
    accounts.c.updated_at,
    accounts.c.version,
    _HAS_FACTOR,
)


def find(session: Session, account_id: str) -> Account | None:
    """One account, or None."""
    return _one(session, select(*_STATE).where(accounts.c.id == account_id))


def locked(session: Session, account_id: str) -> Account | None:
    """One account, held against other changes until the transaction ends, or None."""
    return _one(session, select(*_STATE).where(accounts.c.id == account_id).with_for_update(of=accounts))


def of_customer(session: Session, customer_id: str) -> list[Account]:
    """The login and the people of a customer, the oldest first."""
    theirs = select(*_STATE).where(accounts.c.customer_id == customer_id, ~accounts.c.ended)
    return _many(session, theirs.order_by(accounts.c.id))


def is_taken(session: Session, username: str) -> bool:
    """Whether an account has this user name, which is folded."""
    return session.execute(select(accounts.c.id).where(accounts.c.username == username)).first() is not None


def many(session: Session, account_ids: Collection[str]) -> list[Account]:
    """These accounts by name."""
    statement = select(*_STATE).where(accounts.c.id.in_(account_ids))
    return _many(session, statement.order_by(accounts.c.display_name, accounts.c.id))


def login_of(session: Session, customer_id: str) -> Account | None:
    """The customer's own login, or None where it never had one."""
    theirs = select(*_STATE).where(accounts.c.customer_id == customer_id, accounts.c.is_login, ~accounts.c.ended)
    return _one(session, theirs)


def linked_to_contacts(session: Session, contact_ids: Collection[str]) -> list[Account]:
    """The accounts of contacts, also those that have ended."""
    return _many(session, select(*_STATE).where(accounts.c.contact_id.in_(contact_ids)).order_by(accounts.c.id))


def ever_of_customer(session: Session, customer_id: str) -> list[Account]:
    """The login and the people of a customer, also those that have ended."""
    return _many(session, select(*_STATE).where(accounts.c.customer_id == customer_id).order_by(accounts.c.id))


def log_of(session: Session, account_ids: Collection[str]) -> list[dict[str, Any]]:
    """The events of accounts, oldest first, the newest MOST_EVENTS of them."""
    names = {"keys": list(account_ids), "most": MOST_EVENTS}
    return [orjson.loads(body) for body in session.scalars(_LOG, names)]


def holders_of(session: Session, role: str) -> list[str]:
    """The ids of the staff accounts with a role."""
    statement = select(accounts.c.id).where(accounts.c.kind == "staff", accounts.c.roles.contains([role]))
    return list(session.scalars(statement.order_by(accounts.c.id)))


def active_staff(session: Session) -> list[Account]:
    """Staff who can sign in, by name; at most 1,000."""
    statement = select(*_STATE).where(accounts.c.kind == "staff", accounts.c.status == "active")
    return _many(session, statement.order_by(accounts.c.display_name, accounts.c.id).limit(1000))


def shown(session: Session, account_id: str) -> RowMapping | None:
    """One account as people see it."""
    return session.execute(select(*_SHOWN).where(accounts.c.id == account_id)).mappings().first()


def staff_page(session: Session, filters: dict[str, Any], *, cursor: str | None, limit: int, scope: str) -> Rows:
    """Staff accounts by name. Filters: `status`, `role`, `q` (part of name, user name or e-mail)."""
    statement = select(*_SHOWN).where(accounts.c.kind == "staff")
    if filters.get("status"):
        statement = statement.where(accounts.c.status == filters["status"])
    if filters.get("role"):
        statement = statement.where(accounts.c.roles.contains([filters["role"]]))
    if filters.get("q"):
        part = filters["q"]
        statement = statement.where(
            or_(
                accounts.c.display_name.icontains(part, autoescape=True),
                accounts.c.username.icontains(part, autoescape=True),
                accounts.c.email.icontains(part, autoescape=True),
            )
        )
    keys = [Key(accounts.c.display_name), Key(accounts.c.id)]
    return keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)


def users_page(session: Session, customer_id: str, *, cursor: str | None, limit: int, scope: str) -> Rows:
    """The people of a customer, the oldest first."""
    statement = select(*_SHOWN, accounts.c.subtree, accounts.c.visibility, accounts.c.contact_id)
    statement = statement.where(accounts.c.customer_id == customer_id, ~accounts.c.is_login, ~accounts.c.ended)
    return keyset(session, statement, [Key(accounts.c.id)], cursor=cursor, limit=limit, scope=scope)


def _one(session: Session, statement: Select[Any]) -> Account | None:
    row = session.execute(statement).mappings().first()
    return _account(row) if row else None


def _many(session: Session, statement: Select[Any]) -> list[Account]:
    rows: Sequence[RowMapping] = session.execute(statement).mappings().all()
    return [_account(row) for row in rows]


def _account(row: RowMapping) -> Account:
    return Account(**{**row, "roles": tuple(row["roles"])})
