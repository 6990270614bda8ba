"""Staff accounts: invite, change, help back in. Nobody gives more than they hold, nor touches who holds more."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.clock import Clock
from common.ids import new_id
from common.tokens import Principal
from identity.domain.accounts import Account, change
from identity.domain.lifecycle import disable, enable, invited
from identity.domain.permissions import lacking
from identity.domain.usernames import username as usable_username
from identity.errors import (
    AccountNotFound,
    GrantRefused,
    Outranked,
    RolesUnknown,
    SecondFactorState,
    TransitionRefused,
)
from identity.queries import roles as role_queries
from identity.tables import reset_requests, second_factors
from identity.use_cases import account_changes, links, second_factor


def invite(session: Session, clock: Clock, caller: Principal, body: dict[str, Any]) -> dict[str, Any]:
    """Creates an invited account; returns its id and the invitation. Raises UsernameTaken, RolesUnknown,
    GrantRefused."""
    roles = given_roles(session, caller, body["roles"])
    account = Account(
        id=new_id(),
        kind="staff",
        display_name=body["display_name"],
        email=body["email"],
        username=None,
        roles=roles,
        status="invited",
    ).stands(invited(usable_username(body["email"])))
    account_changes.create(session, account)
    return {"id": account.id, "invitation": links.issue(session, clock, account.id, "invitation")}


def invite_again(session: Session, clock: Clock, caller: Principal, account_id: str) -> dict[str, Any]:
    """A new invitation for somebody who has not accepted; it replaces the one before. Raises TransitionRefused."""
    account = _held(session, caller, account_id)
    if account.status != "invited":
        raise TransitionRefused("Only an invited account can be invited again; issue a password reset instead.")
    return links.issue(session, clock, account.id, "invitation")


def change_account(session: Session, caller: Principal, account_id: str, version: int, body: dict[str, Any]) -> None:
    """Changes name, e-mail, roles or status. Raises Stale, Outranked, RolesUnknown, GrantRefused, TransitionRefused,
    LastAdministrator."""
    account = _held(session, caller, account_id)
    account_changes.expect(account, version)
    after = replace(account, **{name: body[name] for name in ("display_name", "email") if name in body})
    if "roles" in body:
        after = replace(after, roles=given_roles(session, caller, body["roles"], already=account.roles))
    after = with_status(after, body.get("status"))
    account_changes.save(session, account, after, reason="account_changed")


def issue_reset(session: Session, clock: Clock, caller: Principal, account_id: str) -> dict[str, Any]:
    """A link with which the account's owner sets a new password. Raises Outranked, TransitionRefused."""
    account = _held(session, caller, account_id)
    if account.status == "invited" or account.disabled_reason not in {None, "locked"}:
        raise TransitionRefused("Only an active or locked account can get a new password.")
    session.execute(delete(reset_requests).where(reset_requests.c.account_id == account.id))
    account_changes.save(
        session, account, account, reason="reset_issued", also=[change("password_reset", "Password reset issued")]
    )
    return links.issue(session, clock, account.id, "password_reset")


def remove_second_factor(session: Session, caller: Principal, account_id: str) -> None:
    """For somebody who has lost their phone and their recovery codes. Raises Outranked, SecondFactorState."""
    account = _held(session, caller, account_id)
    statement = select(second_factors.c.account_id).where(second_factors.c.account_id == account.id)
    if session.execute(statement).first() is None:
        raise SecondFactorState("The account has no second factor.")
    second_factor.remove(session, account)


def given_roles(
    session: Session, caller: Principal, wanted: Sequence[str], *, already: Collection[str] = ()
) -> tuple[str, ...]:
    """The roles to store, once each. Raises RolesUnknown, and GrantRefused where one that is new holds more than the
    caller."""
    by_role = role_queries.permissions_by_role(session, wanted)
    unknown = sorted(set(wanted) - set(by_role))
    if unknown:
        raise RolesUnknown([f"role {code!r}" for code in unknown])
    new = [by_role[code] for code in by_role if code not in already]
    missing = lacking(caller.permissions, frozenset().union(*new))
    if missing:
        raise GrantRefused(missing)
    return tuple(sorted(by_role))


def with_status(account: Account, wanted: str | None) -> Account:
    """The account switched on or off by hand; unchanged where it is so already. Raises TransitionRefused."""
    if wanted == "disabled" and account.disabled_reason not in {"manual", "username_cleared"}:
        return account.stands(disable(account.standing, "manual"))
    if wanted == "active" and not account.standing.is_enabled:
        return account.stands(enable(account.standing))
    return account


def _held(session: Session, caller: Principal, account_id: str) -> Account:
    account = account_changes.lock(session, account_id)
    if account.kind != "staff":
        raise AccountNotFound
    missing = lacking(caller.permissions, role_queries.permissions_of(session, account.roles))
    # One's own account is no exception: an API token may do less than its owner.
    if missing:
        raise Outranked(missing)
    return account
