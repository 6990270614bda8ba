"""What may be given to the people of a customer, and by whom."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from common.tokens import Principal
from identity.domain.accounts import Account, Visibility
from identity.domain.permissions import PORTAL_ADMIN, PORTAL_ROLES, lacking, portal_permissions
from identity.errors import GrantRefused, LastPortalAdministrator, Outranked, RolesUnknown, VisibilityRefused
from identity.queries import grants


def portal_roles(wanted: Sequence[str]) -> tuple[str, ...]:
    """The roles to store, once each, from the least to the most. Raises RolesUnknown."""
    unknown = sorted(set(wanted) - set(PORTAL_ROLES))
    if unknown:
        raise RolesUnknown([f"role {code!r}" for code in unknown])
    return tuple(role for role in PORTAL_ROLES if role in wanted)


def visibility(account: Account, wanted: Visibility | None) -> Account:
    """The account with what it shall see. Where its roles no longer flow down, it sees the branches no more. Raises
    VisibilityRefused where that is asked for."""
    if wanted == "subtree" and not account.subtree:
        raise VisibilityRefused
    seen = wanted or account.visibility
    return replace(account, visibility="node" if seen == "subtree" and not account.subtree else seen)


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


def keep_an_administrator(session: Session, caller: Principal, before: Account, after: Account) -> None:
    """Raises LastPortalAdministrator where a portal administrator would leave a customer, whose access section is
    locked, without anybody who can manage its people. Staff can help it out, and so may empty it."""
    if not caller.is_portal or not _administers(before) or _administers(after):
        return
    assert before.customer_id is not None
    if not grants.administrators(session, before.customer_id) - {before.id}:
        raise LastPortalAdministrator


def _administers(account: Account) -> bool:
    return account.standing.may_sign_in and PORTAL_ADMIN in account.roles


def _beyond(session: Session, caller: Principal, account: Account) -> list[str]:
    if caller.grants is None or account.customer_id is None:
        return []
    wanted = portal_permissions(account.roles)
    missing = lacking(caller.grants.get(account.customer_id, frozenset()), wanted)
    if account.subtree:
        mine = (held for held in grants.holdings(session, account.customer_id) if held.account_id == caller.account_id)
        if not any(held.subtree for held in mine):
            missing.append("the branches of this customer")
    return missing
