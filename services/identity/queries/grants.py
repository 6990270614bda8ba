"""What an account may do right now, as a token states it, and who holds which roles at a customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from common.paging import Key, Rows, keyset
from identity.domain.accounts import Account
from identity.domain.permissions import PORTAL_ADMIN, PORTAL_ROLES, portal_permissions
from identity.errors import GrantNotFound
from identity.queries import roles
from identity.tables import accounts, grants

# A token holds the ids of customers; more of them would not fit into a header.
MOST_CUSTOMERS = 500


@dataclass(frozen=True, slots=True)
class Reached:
    """A customer at which an account has roles: given there, or flowing down to it."""

    id: str
    name: str
    roles: tuple[str, ...]

    @property
    def permissions(self) -> tuple[str, ...]:
        return tuple(sorted(portal_permissions(self.roles)))


@dataclass(frozen=True, slots=True)
class Rights:
    """Staff have `permissions` everywhere; a portal account has those of its roles at each of `customers`."""

    permissions: tuple[str, ...]
    customers: Sequence[Reached] | None = None

    @property
    def reach(self) -> list[tuple[tuple[str, ...], list[str]]] | None:
        """The same permissions once, with the ids of the customers where they hold; None for staff."""
        if self.customers is None:
            return None
        grouped: dict[tuple[str, ...], list[str]] = {}
        for customer in self.customers:
            grouped.setdefault(customer.permissions, []).append(customer.id)
        return list(grouped.items())


@dataclass(frozen=True, slots=True)
class Holding:
    """An account that has portal roles which hold at a customer: given there (`depth` 0), or at that many customers
    above it."""

    account_id: str
    roles: tuple[str, ...]
    subtree: bool
    depth: int


def rights_of(session: Session, account: Account) -> Rights:
    """What the account's roles give it now."""
    if account.customer_id is None:
        return Rights(tuple(sorted(roles.permissions_of(session, account.roles))))
    found = reached(session, account.id)
    together = {role for customer in found for role in customer.roles}
    return Rights(tuple(sorted(portal_permissions(together))), found)


def reached(session: Session, account_id: str) -> list[Reached]:
    """The active customers at which an account has roles, nearest first, at most MOST_CUSTOMERS."""
    rows = session.execute(_REACHED, {"account": account_id, "most": MOST_CUSTOMERS}).mappings()
    return [Reached(row["id"], row["name"], _ranked(row["roles"])) for row in rows]


def roles_of(session: Session, account_id: str) -> tuple[str, ...]:
    """Every role that a portal account has at any customer."""
    return _ranked(list(session.scalars(_ROLES_OF, {"account": account_id})))


def holdings(session: Session, customer_id: str) -> list[Holding]:
    """Who can sign in and has roles that hold at a customer, nearest first."""
    rows = session.execute(_HOLDINGS, {"id": customer_id}).mappings()
    return [Holding(row["account_id"], _ranked(row["roles"]), row["subtree"], row["depth"]) for row in rows]


def administrators(session: Session, customer_id: str) -> set[str]:
    """The accounts that can sign in and manage the people of a customer."""
    return {held.account_id for held in holdings(session, customer_id) if PORTAL_ADMIN in held.roles}


def line(session: Session, customer_id: str, account_id: str) -> list[RowMapping]:
    """A customer and everything above it, nearest first: `id, name, status, accepts`, and what the account was given
    there: `roles` (none: []) and `subtree`."""
    return list(session.execute(_LINE, {"id": customer_id, "account": account_id}).mappings())


def given_in(session: Session, customer_ids: Sequence[str], *, flowing: bool) -> list[str]:
    """The ids of the portal accounts with roles at any of the customers, or where `flowing` only with such as flow
    down from there."""
    return list(session.scalars(_GIVEN_IN, {"ids": list(customer_ids), "flowing": flowing}))


def given_to(session: Session, account_id: str) -> list[str]:
    """The ids of the customers that gave an account roles besides those at its own."""
    return list(session.scalars(select(grants.c.customer_id).where(grants.c.account_id == account_id)))


def guests(session: Session, customer_id: str) -> list[RowMapping]:
    """The people of other customers that have roles at this one, in the order in which they got them."""
    statement = _GUEST.where(grants.c.customer_id == customer_id)
    return list(session.execute(statement.order_by(grants.c.created_at, grants.c.account_id)).mappings())


def page(session: Session, customer_id: str, *, cursor: str | None, limit: int, scope: str) -> Rows:
    """The same, page by page."""
    statement = _GUEST.where(grants.c.customer_id == customer_id)
    return keyset(session, statement, [Key(grants.c.account_id)], cursor=cursor, limit=limit, scope=scope)


def one(session: Session, customer_id: str, account_id: str) -> Mapping[str, Any]:
    """One of them. Raises GrantNotFound."""
    statement = _GUEST.where(grants.c.customer_id == customer_id, grants.c.account_id == account_id)
    row = session.execute(statement).mappings().first()
    if row is None:
        raise GrantNotFound
    return dict(row)


def _ranked(held: Sequence[str]) -> tuple[str, ...]:
    return tuple(role for role in PORTAL_ROLES if role in held)


_GUEST = (
    select(
        grants,
        accounts.c.customer_id.label("home_customer_id"),
        accounts.c.display_name,
        accounts.c.username,
        accounts.c.status,
    )
    .join(accounts, accounts.c.id == grants.c.account_id)
    .where(~accounts.c.ended)
)

_GIVEN = """
    SELECT id AS account_id, customer_id, roles, subtree FROM accounts WHERE customer_id IS NOT NULL AND NOT ended
    UNION ALL
    SELECT account_id, customer_id, roles, subtree FROM grants
"""

# UNION (not UNION ALL) and the depth end the walk even where events of a move arrived in an order that makes a ring.
_REACHED = text(
    f"""
    WITH RECURSIVE reached (id, root, roles, subtree, depth) AS (
        SELECT customer_id, customer_id, roles, subtree, 0 FROM ({_GIVEN}) AS given WHERE account_id = :account
        UNION
        SELECT c.id, r.root, r.roles, r.subtree, r.depth + 1
        FROM reached r
        JOIN replica_customers c ON c.parent_id = r.id
        JOIN customer_access a ON a.customer_id = c.id AND a.accepted_parent_id = c.parent_id
        WHERE r.subtree AND r.depth < 10
    )
    SELECT c.id::text AS id, c.name, array_agg(DISTINCT held.role) AS roles
    FROM reached r
    CROSS JOIN unnest(r.roles) AS held (role)
    JOIN replica_customers c ON c.id = r.id
    WHERE c.status = 'active'
    GROUP BY c.id, c.name ORDER BY min(r.depth), c.id LIMIT :most
    """  # noqa: S608  # our own text
)

_HOLDINGS = text(
    f"""
    WITH RECURSIVE line (id, depth) AS (
        SELECT CAST(:id AS uuid), 0
        UNION
        SELECT c.parent_id, line.depth + 1
        FROM line
        JOIN replica_customers c ON c.id = line.id
        JOIN customer_access a ON a.customer_id = c.id AND a.accepted_parent_id = c.parent_id
        WHERE line.depth < 10
    )
    SELECT given.account_id::text AS account_id, given.roles, given.subtree, line.depth
    FROM line
    JOIN ({_GIVEN}) AS given ON given.customer_id = line.id AND (line.depth = 0 OR given.subtree)
    JOIN accounts ON accounts.id = given.account_id AND accounts.status = 'active'
    ORDER BY line.depth, given.account_id
    """  # noqa: S608  # our own text
)

_LINE = text(
    f"""
    WITH RECURSIVE line (id, depth) AS (
        SELECT CAST(:id AS uuid), 0
        UNION
        SELECT c.parent_id, line.depth + 1
        FROM line JOIN replica_customers c ON c.id = line.id
        WHERE c.parent_id IS NOT NULL AND line.depth < 10
    )
    SELECT c.id::text AS id, c.name, c.status, coalesce(a.accepted_parent_id = c.parent_id, false) AS accepts,
           coalesce(given.roles, '{{}}') AS roles, coalesce(given.subtree, false) AS subtree
    FROM line
    JOIN replica_customers c ON c.id = line.id
    LEFT JOIN customer_access a ON a.customer_id = c.id
    LEFT JOIN ({_GIVEN}) AS given ON given.customer_id = c.id AND given.account_id = CAST(:account AS uuid)
    ORDER BY line.depth
    """  # noqa: S608  # our own text
)

_ROLES_OF = text(
    f"SELECT DISTINCT unnest(roles) FROM ({_GIVEN}) AS given WHERE account_id = :account"  # noqa: S608  # our own text
)

_GIVEN_IN = text(
    f"""
    SELECT DISTINCT account_id::text FROM ({_GIVEN}) AS given
    WHERE customer_id = ANY (CAST(:ids AS uuid[])) AND (subtree OR NOT :flowing)
    """  # noqa: S608  # our own text
)
