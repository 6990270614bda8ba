"""Why an account may do something, or why not: the rules in the order in which they decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from identity.domain.accounts import Account
from identity.domain.permissions import NEEDS_ACTIVE_CUSTOMER, PERMISSIONS


@dataclass(frozen=True, slots=True)
class Rule:
    """One step: its stable name, whether it lets through, and a sentence."""

    rule: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Node:
    """A customer in the line from the one asked about upward: its status as last heard of, whether it accepts roles
    from its parent, and what the account was given there."""

    name: str
    status: str
    accepts: bool = False
    roles: tuple[str, ...] = ()
    subtree: bool = False


@dataclass(frozen=True, slots=True)
class _Reach:
    """The roles that hold at the customer asked about, and a sentence for each place where some were given."""

    roles: set[str] = field(default_factory=set)
    ways: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)


def explain(
    account: Account, permission: str, by_role: Mapping[str, frozenset[str]], line: Sequence[Node] | None
) -> Sequence[Rule]:
    """The chain of rules; access is allowed where every one passes. `by_role` is what each of the account's roles
    holds, wherever it has them; `line` is the customer asked about with everything above it (None: no customer was
    named; empty: there is none)."""
    rules = [_active(account), _known(permission)]
    if line is None:
        return [*rules, _granted(permission, by_role)]
    if not line or line[0].status == "deleted":
        return [*rules, Rule("customer_in_scope", False, "There is no such customer.")]
    if account.customer_id is None:
        rules += [Rule("customer_in_scope", True, "Staff reach every customer."), _granted(permission, by_role)]
    else:
        reach = _reach(line)
        held = {role: codes for role, codes in by_role.items() if role in reach.roles}
        rules += [_in_scope(reach), _granted(permission, held)]
    return [*rules, _customer_active(account, permission, line[0])]


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
    return Rule("role_holds_permission", False, f"No role of the account holds it here (roles: {roles}).")


def _reach(line: Sequence[Node]) -> _Reach:
    reach = _Reach()
    closed: Node | None = None  # the nearest customer on the way up that accepts nothing from its parent
    for place, node in enumerate(line):
        roles = ", ".join(node.roles)
        if not node.roles:
            pass
        elif place == 0:
            reach.roles.update(node.roles)
            reach.ways.append(f"{roles} at {node.name} itself")
        elif not node.subtree:
            reach.obstacles.append(f"{roles} at {node.name} does not flow down to its branches")
        elif closed is not None:
            reach.obstacles.append(f"{roles} at {node.name} flows down, but {closed.name} accepts none from its parent")
        else:
            reach.roles.update(node.roles)
            reach.ways.append(f"{roles} flows down from {node.name}")
        if closed is None and not node.accepts:
            closed = node
    return reach


def _in_scope(reach: _Reach) -> Rule:
    if reach.ways:
        return Rule("customer_in_scope", True, f"The account has {'; '.join(reach.ways)}.")
    because = "; ".join(reach.obstacles) or "it has no roles there, nor at a customer above it"
    return Rule("customer_in_scope", False, f"The account does not reach this customer: {because}.")


def _customer_active(account: Account, permission: str, customer: Node) -> Rule:
    if customer.status == "active":
        return Rule("customer_active", True, "The customer is active.")
    if account.customer_id is not None:
        return Rule("customer_active", False, "The customer is archived, and its portal is closed; restore it first.")
    if permission in NEEDS_ACTIVE_CUSTOMER:
        return Rule("customer_active", False, "The customer is archived and read-only; restore it first.")
    return Rule("customer_active", True, "The customer is archived; this is possible all the same.")
