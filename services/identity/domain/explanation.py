"""Why an account may do something, or why not: the rules in the order in which they decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from identity.domain.accounts import Account
from identity.domain.permissions import PERMISSIONS


@dataclass(frozen=True, slots=True)
class Rule:
    """One step: its stable name, whether it lets through, and a sentence."""

    rule: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Target:
    """The customer asked about: its status as last heard of (None where unknown), and whether the grant reaches it."""

    status: str | None
    reached: bool


def explain(
    account: Account, permission: str, by_role: Mapping[str, frozenset[str]], target: Target | None
) -> Sequence[Rule]:
    """The chain of rules; access is allowed where every one passes. `by_role` is what each of the account's roles
    holds; `target` is the customer asked about, if any."""
    rules = [_active(account), _known(permission), _granted(permission, by_role)]
    if target is not None:
        rules.append(_in_scope(account, target))
    return rules


def _active(account: Account) -> Rule:
    if account.standing.may_sign_in:
        return Rule("account_active", True, "The account is active.")
    if account.status == "invited":
        return Rule("account_active", False, "The invitation has not been accepted yet.")
    return Rule("account_active", False, f"The account is disabled ({account.disabled_reason}).")


def _known(permission: str) -> Rule:
    meaning = PERMISSIONS.get(permission)
    detail = f"{permission}: {meaning}." if meaning else f"There is no permission {permission}."
    return Rule("permission_exists", meaning is not None, detail)


def _granted(permission: str, by_role: Mapping[str, frozenset[str]]) -> Rule:
    giving = sorted(role for role, held in by_role.items() if permission in held)
    if giving:
        return Rule("role_holds_permission", True, f"Given by the role {', '.join(giving)}.")
    roles = ", ".join(sorted(by_role)) or "none"
    return Rule("role_holds_permission", False, f"No role of the account holds it (roles: {roles}).")


def _in_scope(account: Account, target: Target) -> Rule:
    if target.status in {None, "deleted"}:
        return Rule("customer_in_scope", False, "There is no such customer.")
    if account.customer_id is None:
        return Rule("customer_in_scope", True, "Staff reach every customer.")
    if target.reached:
        return Rule("customer_in_scope", True, "It is the account's customer, or a branch that its grant reaches.")
    if target.status == "archived":
        return Rule("customer_in_scope", False, "The customer is archived, and its logins are off.")
    return Rule("customer_in_scope", False, "The account's grant does not reach this customer.")
