"""What may be given to the people of a customer, and by whom."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from common.tokens import Principal
from identity.domain.accounts import Account
from identity.domain.permissions import PORTAL_ROLES, lacking, portal_permissions
from identity.errors import GrantRefused, Outranked, RolesUnknown
from identity.queries import accounts as account_queries


def portal_roles(wanted: Sequence[str]) -> tuple[str, ...]:
    """The roles to store, once each, from the least to the most. Raises RolesUnknown."""
    unknown = sorted(set(wanted) - set(PORTAL_ROLES))
    if unknown:
        raise RolesUnknown([f"role {code!r}" for code in unknown])
    return tuple(role for role in PORTAL_ROLES if role in wanted)


def may_give(session: Session, caller: Principal, account: Account) -> None:
    """Raises GrantRefused where a portal administrator would give more than they hold; staff manage all customers."""
    missing = _beyond(session, caller, account)
    if missing:
        raise GrantRefused(missing)


def may_touch(session: Session, caller: Principal, account: Account) -> None:
    """Raises Outranked where a portal administrator would change somebody who holds more than they."""
    missing = _beyond(session, caller, account)
    if missing:
        raise Outranked(missing)


def _beyond(session: Session, caller: Principal, account: Account) -> list[str]:
    if caller.grants is None or account.customer_id is None:
        return []
    wanted = portal_permissions(account.roles)
    missing = lacking(caller.grants.get(account.customer_id, frozenset()), wanted)
    if account.subtree:
        giver = account_queries.find(session, caller.account_id)
        if giver is None or not giver.subtree:
            missing.append("the branches of this customer")
    return missing
