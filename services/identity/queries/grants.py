"""What an account may do right now, as a token states it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from identity.domain.accounts import Account
from identity.domain.permissions import portal_permissions
from identity.queries import customers, roles


@dataclass(frozen=True, slots=True)
class Rights:
    """Staff have `permissions` everywhere; a portal account has `permissions` at each of `customers` (id → name)."""

    permissions: tuple[str, ...]
    customers: dict[str, str] | None = None


def rights_of(session: Session, account: Account) -> Rights:
    """What the account's roles give it now."""
    if account.customer_id is None:
        return Rights(tuple(sorted(roles.permissions_of(session, account.roles))))
    reached = customers.reached(session, account.customer_id, subtree=account.subtree)
    permissions = tuple(sorted(portal_permissions(account.roles)))
    return Rights(permissions, {row["id"]: row["name"] for row in reached})
