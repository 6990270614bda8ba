"""Roles at a customer for people of other customers, and whether roles flow down to it from its parent."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common.clock import Clock
from common.tokens import Principal
from identity.domain.accounts import Account, Change, change
from identity.errors import AccountNotFound, Changed, GrantTaken, TransitionRefused
from identity.queries import accounts as account_queries
from identity.queries import customers
from identity.queries import grants as queries
from identity.tables import customer_access, grants
from identity.use_cases import account_changes
from identity.use_cases.customer_grants import keep_an_administrator, may_give, may_touch, portal_roles, visibility
from identity.use_cases.customer_logins import known_customer

_LABELS = {"roles": "Roles", "subtree": "Also for branches", "visibility": "Sees"}


def add_grant(session: Session, clock: Clock, caller: Principal, customer_id: str, body: Mapping[str, Any]) -> str:
    """Gives a person of another customer roles at this one; returns the account's id. A portal administrator gives to
    people of customers that they see. Raises CustomerUnknown, CustomerArchived, AccountNotFound, RolesUnknown,
    GrantRefused, GrantTaken, TransitionRefused."""
    known_customer(session, customer_id)
    account_changes.lock_access(session, customer_id)
    account = account_queries.find(session, body["account_id"])
    if account is None or account.ended or account.customer_id is None:
        raise AccountNotFound
    if account.customer_id == customer_id:
        raise TransitionRefused("This is the person's own customer; change their roles there.")
    given = _wanted(account, customer_id, body)
    may_give(session, caller, given)
    now = clock.now()
    row = {"customer_id": customer_id, "account_id": account.id, "version": 1, "created_at": now, "updated_at": now}
    account_changes.renew_access(session, "portal", [account.id])
    try:
        session.execute(insert(grants).values(row | _columns(given)))
    except IntegrityError as error:
        raise GrantTaken from error
    _publish(session, given, _changes(replace(given, roles=(), subtree=False, visibility="node"), given))
    return account.id


def change_grant(
    session: Session,
    clock: Clock,
    caller: Principal,
    customer_id: str,
    account_id: str,
    version: int,
    body: Mapping[str, Any],
) -> None:
    """Changes what a person of another customer may do here. Raises GrantNotFound, Changed, Outranked, GrantRefused,
    RolesUnknown, CustomerArchived, LastPortalAdministrator."""
    known_customer(session, customer_id)
    before = _held(session, caller, customer_id, account_id, version)
    after = _wanted(before, customer_id, body)
    may_give(session, caller, after)
    changes = _changes(before, after)
    if not changes:
        return
    keep_an_administrator(session, caller, before, after)
    account_changes.renew_access(session, "portal", [account_id])
    values = _columns(after) | {"version": version + 1, "updated_at": clock.now()}
    session.execute(update(grants).where(*_key(customer_id, account_id)).values(values))
    _publish(session, after, changes)


def end_grant(session: Session, caller: Principal, customer_id: str, account_id: str, version: int) -> None:
    """Takes the roles away, also while the customer is archived. Raises GrantNotFound, Changed, Outranked,
    LastPortalAdministrator."""
    before = _held(session, caller, customer_id, account_id, version)
    after = replace(before, roles=(), subtree=False, visibility="node")
    keep_an_administrator(session, caller, before, after)
    # While they are still seen here: afterwards their sessions are somebody else's.
    account_changes.renew_access(session, "portal", [account_id])
    session.execute(delete(grants).where(*_key(customer_id, account_id)))
    _publish(session, after, _changes(before, after))


def accept_from_parent(session: Session, customer_id: str, version: int, accept: bool) -> None:
    """Lets roles flow down to the customer from its present parent, or ends that; after a move it begins as not
    accepted. Raises CustomerUnknown, CustomerArchived, Changed, TransitionRefused."""
    customer = known_customer(session, customer_id, also_archived=not accept)
    if account_changes.lock_access(session, customer_id) != version:
        raise Changed("Somebody changed the access of this customer since you read it; read it again.")
    if accept and customer["parent_id"] is None:
        raise TransitionRefused("The customer has no parent from which roles could flow down.")
    before = customers.accepts(session, customer_id)
    if before == accept:
        return
    parent = customer["parent_id"] if accept else None
    of_this = update(customer_access).where(customer_access.c.customer_id == customer_id)
    session.execute(of_this.values(accepted_parent_id=parent))
    account_changes.renew_reach(session, customer_id)
    account_changes.publish_access(
        session, customer_id, also=[change("accept_from_parent", "Roles flow down from the parent", before, accept)]
    )


def _held(session: Session, caller: Principal, customer_id: str, account_id: str, version: int) -> Account:
    """The account as it stands at this customer, held by the lock on the customer's access section."""
    account_changes.lock_access(session, customer_id)
    row = queries.one(session, customer_id, account_id)
    if row["version"] != version:
        raise Changed("Somebody changed these roles since you read them; read them again and repeat your change.")
    account = account_queries.find(session, account_id)
    if account is None:
        raise AccountNotFound
    at = replace(
        account,
        customer_id=customer_id,
        roles=tuple(row["roles"]),
        subtree=row["subtree"],
        visibility=row["visibility"],
    )
    may_touch(session, caller, at)
    return at


def _wanted(account: Account, customer_id: str, body: Mapping[str, Any]) -> Account:
    roles = portal_roles(body["roles"]) if "roles" in body else account.roles
    at = replace(account, customer_id=customer_id, roles=roles, subtree=body.get("subtree", account.subtree))
    return visibility(at, body.get("visibility"))


def _columns(account: Account) -> dict[str, Any]:
    return {"roles": list(account.roles), "subtree": account.subtree, "visibility": account.visibility}


def _changes(before: Account, after: Account) -> list[Change]:
    name = after.display_name
    return [
        change(f"guests/{after.id}/{field}", f"{name}: {label}", _plain(before, field), _plain(after, field))
        for field, label in _LABELS.items()
        if getattr(before, field) != getattr(after, field)
    ]


def _plain(account: Account, field: str) -> Any:
    value = getattr(account, field)
    return list(value) if isinstance(value, tuple) else value


def _publish(session: Session, at: Account, changes: list[Change]) -> None:
    assert at.customer_id is not None
    account_changes.publish_access(session, at.customer_id, also=changes)


def _key(customer_id: str, account_id: str) -> tuple[Any, Any]:
    return grants.c.customer_id == customer_id, grants.c.account_id == account_id
