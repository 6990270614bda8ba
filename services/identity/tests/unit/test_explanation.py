"""Explanations name the rule that refuses, and the customer on the way at which roles stop."""

from dataclasses import replace

import pytest

from identity.domain.accounts import Account
from identity.domain.explanation import Node, explain
from identity.domain.permissions import BUILT_IN, PORTAL_ROLES

BUYER = Account(
    id="1", kind="portal", display_name="Ada", status="active", username="ada", customer_id="c", roles=("buyer",)
)
SALES = Account(id="2", kind="staff", display_name="Bob", status="active", username="bob", roles=("sales",))
OWN = Node("Depot", "active", roles=("buyer",))
BRANCH = Node("Depot", "active", accepts=True)
HQ = Node("Works", "active", roles=("buyer",), subtree=True)


def rules(account: Account, permission: str, *line: Node) -> dict[str, bool]:
    by_role = {role: PORTAL_ROLES[role] for role in ("buyer", "finance")}
    if account.kind == "staff":
        by_role = {role: BUILT_IN[role][1] for role in account.roles}
    return {rule.rule: rule.passed for rule in explain(account, permission, by_role, line)}


def detail(*line: Node) -> str:
    chain = explain(BUYER, "customers.view", {"buyer": PORTAL_ROLES["buyer"]}, line)
    return next(rule.detail for rule in chain if rule.rule == "customer_in_scope")


def test_every_rule_passes_where_access_is_allowed() -> None:
    assert all(rules(BUYER, "customers.view", OWN).values())
    assert all(rules(SALES, "documents.view", OWN).values())
    assert all(rule.passed for rule in explain(SALES, "customers.view", {"sales": BUILT_IN["sales"][1]}, None))


@pytest.mark.parametrize(
    ("account", "permission", "line", "refusing"),
    [
        (BUYER, "documents.view", [OWN], "role_holds_permission"),
        (BUYER, "no.such", [OWN], "permission_exists"),
        (BUYER, "customers.view", [], "customer_in_scope"),
        (BUYER, "customers.view", [replace(OWN, status="deleted")], "customer_in_scope"),
        (BUYER, "customers.view", [replace(OWN, status="archived")], "customer_active"),
        (BUYER, "customers.view", [BRANCH, replace(HQ, subtree=False)], "customer_in_scope"),
        (BUYER, "customers.view", [replace(BRANCH, accepts=False), HQ], "customer_in_scope"),
        (BUYER, "documents.view", [BRANCH, HQ], "role_holds_permission"),
        (replace(BUYER, status="invited"), "customers.view", [OWN], "account_active"),
        (SALES, "customers.archive", [OWN], "role_holds_permission"),
        (SALES, "customers.edit", [replace(OWN, status="archived")], "customer_active"),
        (SALES, "customers.view", [], "customer_in_scope"),
    ],
)
def test_the_rule_that_refuses_is_named(account: Account, permission: str, line: list[Node], refusing: str) -> None:
    assert next(name for name, passed in rules(account, permission, *line).items() if not passed) == refusing


def test_roles_flow_down_only_where_every_customer_on_the_way_accepts() -> None:
    middle = Node("Region", "active", accepts=True)
    assert all(rules(BUYER, "customers.view", BRANCH, middle, HQ).values())
    assert "Region accepts none from its parent" in detail(BRANCH, replace(middle, accepts=False), HQ)
    assert "Depot accepts none from its parent" in detail(replace(BRANCH, accepts=False), middle, HQ)
    assert "does not flow down" in detail(BRANCH, middle, replace(HQ, subtree=False))
    assert "flows down from Works" in detail(BRANCH, middle, HQ)


def test_staff_may_still_do_what_an_archive_leaves_open() -> None:
    assert all(rules(SALES, "documents.view", replace(OWN, status="archived")).values())
