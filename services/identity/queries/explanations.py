"""May this account do that, why or why not, and who can help."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.domain.accounts import Account
from identity.domain.explanation import Target, explain
from identity.domain.permissions import PORTAL_ROLES
from identity.errors import AccountNotFound
from identity.queries import accounts, customers, roles
from identity.tables import replica_customers

_MOST_HELPERS = 10


def explanation(session: Session, account_id: str, permission: str, customer_id: str | None) -> dict[str, Any]:
    """`{allowed, rules, helpers}`; raises AccountNotFound."""
    account = accounts.find(session, account_id)
    if account is None or account.ended:
        raise AccountNotFound
    if account.kind == "staff":
        by_role = roles.permissions_by_role(session, account.roles)
    else:
        by_role = {role: PORTAL_ROLES[role] for role in account.roles if role in PORTAL_ROLES}
    rules = explain(account, permission, by_role, _target(session, account, customer_id))
    allowed = all(rule.passed for rule in rules)
    return {
        "account_id": account_id,
        "permission": permission,
        "customer_id": customer_id,
        "allowed": allowed,
        "rules": [{"rule": rule.rule, "passed": rule.passed, "detail": rule.detail} for rule in rules],
        "helpers": [] if allowed else _helpers(session, account),
    }


def _target(session: Session, account: Account, customer_id: str | None) -> Target | None:
    if customer_id is None:
        return None
    status = session.scalar(select(replica_customers.c.status).where(replica_customers.c.id == customer_id))
    if account.customer_id is None:
        return Target(status, reached=True)
    reached = customers.reached(session, account.customer_id, subtree=account.subtree)
    return Target(status, any(row["id"] == customer_id for row in reached))


def _helpers(session: Session, account: Account) -> list[dict[str, Any]]:
    """Active accounts that can change what this one may do, by name."""
    if account.customer_id is None:
        able = _staff_with(session, {"accounts.manage"})
    else:
        theirs = accounts.of_customer(session, account.customer_id)
        able = [one for one in theirs if one.standing.may_sign_in and "admin" in one.roles]
        able += _staff_with(session, {"access.manage", "customers.edit", "portal_users.manage"})
    others = [one for one in able if one.id != account.id][:_MOST_HELPERS]
    return [{"account_id": one.id, "display_name": one.display_name, "kind": one.kind} for one in others]


def _staff_with(session: Session, any_of: set[str]) -> list[Account]:
    staff = accounts.active_staff(session)
    by_role = roles.permissions_by_role(session, {role for one in staff for role in one.roles})
    return [one for one in staff if any_of & frozenset().union(*(by_role.get(role, frozenset()) for role in one.roles))]
