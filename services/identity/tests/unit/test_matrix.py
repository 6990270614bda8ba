"""Every built-in role against every permission, as the provider's matrix says."""

import pytest

from identity.domain.permissions import BUILT_IN, PERMISSIONS, PORTAL_ROLES

ROLES = ("viewer", "service", "sales", "finance", "manager", "administrator")

# Who holds what: the initials of ROLES. Customer logins go by customers.edit; access.manage is for whom that is taken.
# What only customers ask for (transfers.request) staff does by stock.edit.
MATRIX = """
customers.view          V S A F M X
customers.edit          . S A F M X
customers.archive       . . . . M X
customers.delete        . . . . . X
customers.import        . . . . M X
customers.export        . . . F M X
customers.bulk          . . . . M X
customers.merge         . . . . M X
access.manage           . . A . M X
documents.view          . . A F M X
documents.manage        . S A F M X
documents.restricted    . . . F M X
systems.view            V S A . M X
systems.edit            . S . . M X
secrets.reveal          . S . . . X
secrets.edit            . S . . . X
groups.manage           . . . . M X
segments.manage         . . . . M X
schema.manage           . . . . . X
privacy.manage          . . . . . X
portal_settings.view    V S A F M X
portal_settings.edit    . . . . M X
portal_users.manage     . . . . M X
listings.view           V S A F M X
listings.edit           . . . . M X
listings.sell           . . . . . X
prices.view             V S A F M X
prices.edit             . . . . M X
bundles.edit            . . . . M X
orders.view             V S A F M X
orders.place            . . A . M X
orders.approve          . . . . M X
orders.confirm          . . A . M X
approval_rules.edit     . . . . M X
purchase_limits.edit    . . . . M X
warehouses.edit         . . . . M X
stock.view              V S A F M X
stock.edit              . S . . M X
stock.cost              . . . F M X
transfers.request       . . . . . X
shipments.edit          . S . . M X
assets.view             V S A F M X
assets.request          . S . . M X
assets.edit             . S . . M X
billing.view            . . A F M X
billing.edit            . . . F M X
automation.view         . . . . M X
automation.edit         . . . . M X
tasks.view              V S A F M X
tasks.edit              . S A F M X
accounts.view           . . . . M X
accounts.manage         . . . . . X
roles.manage            . . . . . X
api_tokens.manage       . . . . . X
operations.view         . . . . M X
operations.manage       . . . . . X
"""
ROWS = {line.split()[0]: line.split()[1:] for line in MATRIX.strip().splitlines()}

PORTAL_MATRIX = {
    "customers.view": {"buyer", "approver", "finance", "admin"},
    "portal_settings.view": {"buyer", "approver", "finance", "admin"},
    "documents.view": {"finance", "admin"},
    "portal_users.manage": {"admin"},
    **{
        f"{what}.view": {"buyer", "approver", "finance", "admin"}
        for what in ("listings", "prices", "orders", "stock", "assets")
    },
    "orders.place": {"buyer", "approver", "admin"},
    "transfers.request": {"buyer", "approver", "admin"},
    "orders.approve": {"approver", "admin"},
    "approval_rules.edit": {"admin"},
    "purchase_limits.edit": {"admin"},
    "assets.request": {"buyer", "approver", "admin"},
    "assets.edit": {"admin"},
    "listings.sell": {"admin"},
    "bundles.edit": {"admin"},
    "billing.view": {"finance", "admin"},
    "automation.view": {"admin"},
    "automation.edit": {"admin"},
    "tasks.view": {"buyer", "approver", "finance", "admin"},
    "tasks.edit": {"buyer", "approver", "finance", "admin"},
}


def test_the_matrix_speaks_of_every_permission_and_role() -> None:
    assert set(ROWS) == set(PERMISSIONS)
    assert set(ROLES) == set(BUILT_IN)


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
@pytest.mark.parametrize("role", ROLES)
def test_a_role_holds_exactly_what_the_matrix_says(role: str, permission: str) -> None:
    said = ROWS[permission][ROLES.index(role)] != "."
    assert (permission in BUILT_IN[role][1]) is said


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
@pytest.mark.parametrize("role", sorted(PORTAL_ROLES))
def test_a_portal_role_holds_exactly_what_the_matrix_says(role: str, permission: str) -> None:
    assert (permission in PORTAL_ROLES[role]) is (role in PORTAL_MATRIX.get(permission, ()))
