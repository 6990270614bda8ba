"""Which columns hold personal values; a test compares with the tables. Each column that holds text is named once."""

from collections.abc import Mapping

from common.importing.personal import PLAIN as IMPORTS

PERSONAL: Mapping[str, frozenset[str]] = {
    "services": frozenset({"person_label", "property_label", "org_unit_label", "note", "reason"}),
    "contracts": frozenset({"note", "reason", "terms"}),
    "quotes": frozenset({"requester_label", "request_note", "reason"}),
    "quote_revisions": frozenset({"note", "made_by_label"}),
    "standing_orders": frozenset({"owner_label", "ship_to", "note", "last_detail"}),
    "replica_customers": frozenset({"name"}),
    "carts": frozenset({"name"}),
    "replica_portal_roles": frozenset({"accounts"}),
    "approval_flows": frozenset({"requester_label", "content", "reason"}),
    "approval_candidates": frozenset({"label"}),
    "approval_decisions": frozenset({"actor_label", "on_behalf_of_label", "comment"}),
    "approval_delegations": frozenset({"delegator_label", "delegate_label", "reason"}),
    "orders": frozenset({"requester_label", "ship_to", "note", "reason", "override_reason", "company_path"}),
}

# Text that says nothing of a person: codes, states, names of things, and which account did something.
PLAIN: Mapping[str, frozenset[str]] = {
    "services": frozenset(
        {
            *("number", "status", "order_number", "sku", "name", "unit", "serial"),
            *("cost_centre", "currency", "price_source", "charges", "renewal"),
        }
    ),
    "contracts": frozenset({"number", "name", "status", "categories", "renewal"}),
    "quotes": frozenset({"number", "status"}),
    "quote_revisions": frozenset({"lines", "currency", "made_by"}),
    "standing_orders": frozenset(
        {"name", "owner", "status", "lines", "unit", "po_number", "last_outcome", "last_code"}
    ),
    "standing_order_runs": frozenset({"outcome", "code", "detail"}),
    **IMPORTS,
    "replica_customers": frozenset({"number", "status"}),
    "replica_scopes": frozenset({"subject", "scope", "values", "locks"}),
    "listings": frozenset(
        {
            *("sku", "name", "description", "kind", "unit", "category", "components", "audience", "status"),
            *("backorder_policy", "words"),
        }
    ),
    "catalogue_rules": frozenset({"effect", "category", "target_kind", "role", "note"}),
    "price_lists": frozenset({"code", "name", "kind", "currency"}),
    "carts": frozenset({"kind", "owner"}),
    "approval_rules": frozenset({"name", "status", "predicate", "currency", "roles", "tiers", "inheritance"}),
    "approval_policies": frozenset({"self_approval_currency"}),
    "approval_flows": frozenset({"order_number", "currency", "content_hash", "facts", "rules", "tiers", "status"}),
    "approval_candidates": frozenset({"via"}),
    "approval_decisions": frozenset({"decision", "channel"}),
    "purchase_limits": frozenset(
        {"name", "scope", "role", "kind", "period", "zone", "currency", "sku", "basis", "action", "status"}
    ),
    "po_rules": frozenset({"currency", "mask", "unique", "status"}),
    "purchase_orders": frozenset({"number", "currency", "status"}),
    "limit_buckets": frozenset({"bucket"}),
    "limit_commitments": frozenset({"bucket", "rate_source", "action", "reason", "state"}),
    "exchange_rates": frozenset({"base", "quote", "source"}),
    "replica_contact_roles": frozenset({"roles"}),
    "orders": frozenset(
        {
            *("number", "status", "hold_reasons", "currency", "source", "po_number", "external_number"),
            *("ship_policy", "settings_snapshot"),
        }
    ),
    "order_lines": frozenset({"sku", "name", "kind", "unit", "price_source", "supply_mode"}),
    "replica_reservations": frozenset({"order_number", "state", "lines"}),
    "replica_shipments": frozenset({"number", "status", "tracking", "lines"}),
    "replica_returns": frozenset({"number", "status", "lines"}),
}
