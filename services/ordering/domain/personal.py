"""Which columns hold personal values; a test compares with the tables. Each column that holds text is named once."""

from collections.abc import Mapping

from common.importing.personal import PLAIN as IMPORTS

PERSONAL: Mapping[str, frozenset[str]] = {
    "replica_customers": frozenset({"name"}),
    "carts": frozenset({"name"}),
}

# Text that says nothing of a person: codes, states, names of things, and which account did something.
PLAIN: Mapping[str, frozenset[str]] = {
    **IMPORTS,
    "replica_customers": frozenset({"number", "status"}),
    "replica_scopes": frozenset({"subject", "scope", "values", "locks"}),
    "replica_portal_roles": frozenset({"accounts"}),
    "listings": frozenset(
        {
            *("sku", "name", "description", "kind", "unit", "category", "components", "audience", "status"),
            *("backorder_policy", "words"),
        }
    ),
    "catalogue_rules": frozenset({"effect", "category", "target_kind", "role", "note"}),
    "price_lists": frozenset({"code", "name", "kind", "currency"}),
    "carts": frozenset({"owner"}),
}
