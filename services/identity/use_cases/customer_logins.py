"""The customer's own portal login: setting its user name, clearing it, switching it, resetting it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from common.clock import Clock
from common.ids import new_id
from identity.domain.accounts import Account, change
from identity.domain.lifecycle import clear_username, invite_again, invited, rename
from identity.domain.usernames import username as usable_username
from identity.errors import Changed, CustomerArchived, CustomerUnknown, TransitionRefused
from identity.queries import accounts as account_queries
from identity.queries import customers
from identity.use_cases import account_changes, links
from identity.use_cases.customer_grants import portal_roles, visibility
from identity.use_cases.staff import with_status

DEFAULT_ROLES = ("buyer",)


def known_customer(session: Session, customer_id: str, *, also_archived: bool = False) -> dict[str, Any]:
    """The customer. Raises CustomerUnknown, CustomerArchived."""
    row = customers.customer(session, customer_id)
    if row is None or row["status"] == "deleted":
        raise CustomerUnknown
    if row["status"] == "archived" and not also_archived:
        raise CustomerArchived
    return dict(row)


def set_login(
    session: Session, clock: Clock, customer_id: str, version: int, wanted: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Applies `username` (null clears it), `roles`, `subtree`, `visibility` and `status`, those of them that are there;
    returns an invitation where the login was invited by it. Raises CustomerUnknown, CustomerArchived, Changed,
    UsernameInvalid, UsernameTaken, RolesUnknown, VisibilityRefused, TransitionRefused."""
    customer = known_customer(session, customer_id, also_archived=True)
    if account_changes.lock_access(session, customer_id) != version:
        raise Changed("Somebody changed the access of this customer since you read it; read it again.")
    login = account_queries.login_of(session, customer_id)
    if customer["status"] == "archived" and not _only_ends(login, wanted):
        raise CustomerArchived
    if login is None:
        return _first_login(session, clock, customer, wanted)
    before = account_changes.lock(session, login.id)
    after, is_invited = with_username(before, wanted)
    after = with_status(_with_grant(after, wanted), wanted.get("status"))
    account_changes.save_and_publish(session, before, after, reason=after.disabled_reason or "access_changed")
    return links.issue(session, clock, before.id, "invitation") if is_invited else None


def reset_login(session: Session, clock: Clock, customer_id: str) -> dict[str, Any]:
    """Revokes and erases the secrets of the login and invites it again; its roles stay. Raises CustomerUnknown,
    CustomerArchived, TransitionRefused."""
    known_customer(session, customer_id)
    account_changes.lock_access(session, customer_id)
    login = account_queries.login_of(session, customer_id)
    if login is None:
        raise TransitionRefused("The customer has no login; set a user name, which invites it.")
    return reset_account(session, clock, login.id)


def reset_account(session: Session, clock: Clock, account_id: str) -> dict[str, Any]:
    """The same for any portal account: revoke, erase, invite again. Raises TransitionRefused."""
    before = account_changes.lock(session, account_id)
    if before.username is None:
        raise TransitionRefused("The account has no user name; set one, which invites the person again.")
    after = before.stands(invite_again(before.standing, before.username))
    account_changes.erase_secrets(session, account_id)
    account_changes.save_and_publish(
        session, before, after, reason="reset", also=[change("reset", "Portal account reset")]
    )
    return links.issue(session, clock, account_id, "invitation")


def with_username(account: Account, wanted: Mapping[str, Any]) -> tuple[Account, bool]:
    """The account with the user name in `wanted`, and whether that invites it (again)."""
    if "username" not in wanted:
        return account, False
    if not wanted["username"]:
        cleared = clear_username() if account.username else account.standing
        return account.stands(cleared), False
    name = usable_username(wanted["username"])
    if account.username is None:
        return account.stands(invite_again(account.standing, name)), True
    return account.stands(rename(account.standing, name)), False


def _first_login(
    session: Session, clock: Clock, customer: Mapping[str, Any], wanted: Mapping[str, Any]
) -> dict[str, Any] | None:
    if not wanted.get("username"):
        if set(wanted) - {"username"} - {name for name, value in wanted.items() if value is None}:
            raise TransitionRefused("The customer has no login; set a user name, which invites it.")
        return None
    account = Account(
        id=new_id(),
        kind="portal",
        customer_id=customer["id"],
        is_login=True,
        display_name=customer["name"],
        status="invited",
        roles=portal_roles(wanted.get("roles", DEFAULT_ROLES)),
        subtree=wanted.get("subtree", False),
    ).stands(invited(usable_username(wanted["username"])))
    account = visibility(account, wanted.get("visibility"))
    made = account_changes.create(session, account)
    changes = [
        change("username", "User name", None, made.username),
        change("roles", "Roles", [], list(made.roles)),
    ]
    account_changes.publish_access(session, customer["id"], [(made, changes)])
    return links.issue(session, clock, made.id, "invitation")


def _with_grant(account: Account, wanted: Mapping[str, Any]) -> Account:
    roles = portal_roles(wanted["roles"]) if "roles" in wanted else account.roles
    given = replace(account, roles=roles, subtree=wanted.get("subtree", account.subtree))
    return visibility(given, wanted.get("visibility"))


def _only_ends(login: Account | None, wanted: Mapping[str, Any]) -> bool:
    """Whether a change does nothing but switch off, which is possible while the customer is archived, too."""
    clears = "username" in wanted and not wanted["username"]
    switches_off = wanted.get("status") == "disabled"
    return login is not None and (clears or (switches_off and set(wanted) == {"status"}))
