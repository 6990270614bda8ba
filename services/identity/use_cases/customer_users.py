"""The people of a customer who may use the portal, each with roles there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from common.clock import Clock
from common.ids import new_id
from common.tokens import Principal
from identity.domain.accounts import Account, change
from identity.domain.lifecycle import invited
from identity.domain.usernames import username as usable_username
from identity.errors import AccountNotFound, ContactRefused, CustomerArchived
from identity.queries import customers
from identity.use_cases import account_changes, links
from identity.use_cases.customer_grants import keep_an_administrator, may_give, may_touch, portal_roles, visibility
from identity.use_cases.customer_logins import known_customer, reset_account, with_username
from identity.use_cases.staff import with_status

_PLAIN = ("display_name", "email", "subtree", "contact_id")


def add_user(
    session: Session, clock: Clock, caller: Principal, customer_id: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """Invites a person; returns the account's id and the invitation. Raises CustomerUnknown, CustomerArchived,
    ContactRefused, RolesUnknown, GrantRefused, UsernameInvalid, UsernameTaken."""
    known_customer(session, customer_id)
    account_changes.lock_access(session, customer_id)
    account = Account(
        id=new_id(),
        kind="portal",
        customer_id=customer_id,
        display_name=body["display_name"],
        email=body.get("email"),
        contact_id=_contact(session, customer_id, body.get("contact_id")),
        status="invited",
        roles=portal_roles(body["roles"]),
        subtree=body["subtree"],
    ).stands(invited(usable_username(body["username"])))
    account = visibility(account, body.get("visibility"))
    may_give(session, caller, account)
    made = account_changes.create(session, account)
    changes = [change("username", "User name", None, made.username), change("roles", "Roles", [], list(made.roles))]
    account_changes.publish_access(session, customer_id, [(made, changes)])
    return {"id": made.id, "invitation": links.issue(session, clock, made.id, "invitation")}


def change_user(
    session: Session,
    clock: Clock,
    caller: Principal,
    customer_id: str,
    account_id: str,
    version: int,
    body: Mapping[str, Any],
) -> dict[str, Any] | None:
    """Changes a person; returns an invitation where setting a user name again invited them. Raises AccountNotFound,
    Stale, Outranked, GrantRefused, CustomerArchived, ContactRefused, RolesUnknown, UsernameInvalid, UsernameTaken,
    TransitionRefused, LastPortalAdministrator."""
    before = _held(session, caller, customer_id, account_id)
    account_changes.expect(before, version)
    customer = known_customer(session, customer_id, also_archived=True)
    if customer["status"] == "archived" and not _only_ends(body):
        raise CustomerArchived
    if body.get("contact_id") != before.contact_id:
        _contact(session, customer_id, body.get("contact_id"))
    after = replace(before, **{name: body[name] for name in _PLAIN if name in body})
    if "roles" in body:
        after = replace(after, roles=portal_roles(body["roles"]))
    after = visibility(after, body.get("visibility"))
    may_give(session, caller, after)
    after, is_invited = with_username(after, body)
    after = with_status(after, body.get("status"))
    keep_an_administrator(session, caller, before, after)
    account_changes.save_and_publish(session, before, after, reason=after.disabled_reason or "access_changed")
    return links.issue(session, clock, account_id, "invitation") if is_invited else None


def reset_user(session: Session, clock: Clock, caller: Principal, customer_id: str, account_id: str) -> dict[str, Any]:
    """Revokes and erases a person's secrets and invites them again. Raises AccountNotFound, Outranked,
    CustomerArchived, TransitionRefused, LastPortalAdministrator."""
    before = _held(session, caller, customer_id, account_id)
    known_customer(session, customer_id)
    keep_an_administrator(session, caller, before, replace(before, status="invited"))
    return reset_account(session, clock, account_id)


def remove_user(session: Session, caller: Principal, customer_id: str, account_id: str, version: int) -> None:
    """Ends a person's account for good and frees the user name. Raises AccountNotFound, Stale, Outranked,
    LastPortalAdministrator."""
    before = _held(session, caller, customer_id, account_id)
    account_changes.expect(before, version)
    keep_an_administrator(session, caller, before, before.end())
    account_changes.save_and_publish(session, before, before.end(), reason="removed")


def _held(session: Session, caller: Principal, customer_id: str, account_id: str) -> Account:
    account = account_changes.lock(session, account_id)
    if account.customer_id != customer_id or account.is_login or account.ended:
        raise AccountNotFound
    may_touch(session, caller, account)
    return account


def _contact(session: Session, customer_id: str, contact_id: str | None) -> str | None:
    if contact_id is None:
        return None
    row = customers.contact(session, contact_id)
    if row is None or row["gone"] or row["customer_id"] != customer_id:
        raise ContactRefused
    return contact_id


def _only_ends(body: Mapping[str, Any]) -> bool:
    clears = "username" in body and not body["username"]
    return clears or (body.get("status") == "disabled" and set(body) == {"status"})
