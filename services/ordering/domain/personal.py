"""Which columns hold personal values; a test compares with the tables. Each column that holds text is named once."""

from collections.abc import Mapping

from common.importing.personal import PLAIN as IMPORTS
from customer_replica.merging.personal import PLAIN as MERGES

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
    "orders": frozenset(
        {"requester_label", "ship_to", "note", "reason", "override_reason", "company_path", "assignment"}
    ),
}

# Text that says nothing of a person: codes, states, names of things, and which account did something.
PLAIN: Mapping[str, frozenset[str]] = {
    "services": frozenset(
        {
            *("number", "status", "order_number", "sku", "name", "unit", "serial"),
            *("cost_centre", "currency", "price_source", "charges", "renewal"),
        }
    ),
    "cost_centres": frozenset({"code", "code_key", "name"}),
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
            *("backorder_policy", "words", "price_currency", "confirmation"),
        }
    ),
    "catalogue_rules": frozenset({"effect", "category", "target_kind", "role", "note"}),
    "price_lists": frozenset({"code", "name", "kind", "currency"}),
    "carts": frozenset({"kind", "owner"}),
    "bundles": frozenset({"name", "description", "for_role", "for_org_unit", "lines"}),
    "approval_rules": frozenset({"name", "status", "predicate", "currency", "roles", "tiers", "inheritance"}),
    "approval_policies": frozenset({"self_approval_currency"}),
    "approval_flows": frozenset(
        {"order_number", "currency", "content_hash", "facts", "rules", "tiers", "status", "cost_centres"}
    ),
    "approval_candidates": frozenset({"via"}),
    "approval_decisions": frozenset({"decision", "channel"}),
    "purchase_limits": frozenset(
        {
            "name",
            "scope",
            "role",
            "cost_centre",
            "kind",
            "period",
            "zone",
            "currency",
            "sku",
            "basis",
            "action",
            "status",
        }
    ),
    "po_rules": frozenset({"currency", "mask", "unique", "status"}),
    "purchase_orders": frozenset({"number", "number_key", "currency", "status"}),
    "limit_buckets": frozenset({"bucket"}),
    "limit_commitments": frozenset({"bucket", "cost_centre", "rate_source", "action", "reason", "state"}),
    "exchange_rates": frozenset({"base", "quote", "source"}),
    "replica_contact_roles": frozenset({"roles"}),
    "replica_segment_members": frozenset({"segment_name"}),
    "sales": frozenset({"state"}),
    "orders": frozenset(
        {
            *("number", "status", "hold_reasons", "currency", "source", "po_number", "external_number"),
            *("ship_policy", "settings_snapshot", "cost_centre"),
        }
    ),
    "order_lines": frozenset({"sku", "name", "kind", "unit", "price_source", "supply_mode", "cost_centre"}),
    "date_decisions": frozenset({"decision"}),
    "replica_reservations": frozenset({"order_number", "state", "lines"}),
    "replica_shipments": frozenset({"number", "status", "tracking", "lines"}),
    "replica_returns": frozenset({"number", "status", "lines"}),
    **MERGES,
    "replica_claims": frozenset({"number", "status", "kind", "sku", "name", "resolution", "granted"}),
    "exchanges": frozenset({"origin_kind", "origin_number"}),
}
