"""May this account do that, why or why not, and who can help."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from identity.domain.accounts import Account
from identity.domain.explanation import Node, explain
from identity.domain.permissions import PORTAL_ROLES
from identity.errors import AccountNotFound
from identity.queries import accounts, grants, roles

_MOST_HELPERS = 10


def explanation(session: Session, account_id: str, permission: str, customer_id: str | None) -> dict[str, Any]:
    """`{allowed, rules, helpers}`; raises AccountNotFound."""
    account = accounts.find(session, account_id)
    if account is None or account.ended:
        raise AccountNotFound
    line = _line(session, account, customer_id)
    rules = explain(account, permission, _by_role(session, account), line)
    allowed = all(rule.passed for rule in rules)
    return {
        "account_id": account_id,
        "permission": permission,
        "customer_id": customer_id,
        "allowed": allowed,
        "rules": [{"rule": rule.rule, "passed": rule.passed, "detail": rule.detail} for rule in rules],
        "helpers": [] if allowed else _helpers(session, account, customer_id),
    }


def _by_role(session: Session, account: Account) -> Mapping[str, frozenset[str]]:
    if account.kind == "staff":
        return roles.permissions_by_role(session, account.roles)
    return {role: PORTAL_ROLES[role] for role in grants.roles_of(session, account.id)}


def _line(session: Session, account: Account, customer_id: str | None) -> list[Node] | None:
    if customer_id is None:
        return None
    return [
        Node(row["name"], row["status"], row["accepts"], tuple(row["roles"]), row["subtree"])
        for row in grants.line(session, customer_id, account.id)
    ]


def _helpers(session: Session, account: Account, customer_id: str | None) -> list[dict[str, Any]]:
    """Active accounts that can change what this one may do, by name."""
    if account.customer_id is None:
        able = _staff_with(session, {"accounts.manage"})
    else:
        able = accounts.many(session, grants.administrators(session, customer_id or account.customer_id))
        able += _staff_with(session, {"access.manage", "customers.edit", "portal_users.manage"})
    others = [one for one in able if one.id != account.id][:_MOST_HELPERS]
    return [{"account_id": one.id, "display_name": one.display_name, "kind": one.kind} for one in others]


def _staff_with(session: Session, any_of: set[str]) -> list[Account]:
    staff = accounts.active_staff(session)
    by_role = roles.permissions_by_role(session, {role for one in staff for role in one.roles})
    return [one for one in staff if any_of & frozenset().union(*(by_role.get(role, frozenset()) for role in one.roles))]
