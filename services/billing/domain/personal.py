"""Which columns hold personal values; a test compares with the tables. Each column that holds text is named once."""

from collections.abc import Mapping

from customer_replica.merging.personal import PLAIN as MERGES

PERSONAL: Mapping[str, frozenset[str]] = {
    "replica_customers": frozenset({"name"}),
    "billing_decisions": frozenset({"reason"}),
}
PLAIN: Mapping[str, frozenset[str]] = {
    **MERGES,
    "replica_customers": frozenset({"number", "status"}),
    "replica_scopes": frozenset({"subject", "scope", "values", "locks"}),
    "replica_orders": frozenset({"number", "currency"}),
    "replica_order_lines": frozenset({"sku", "name"}),
    "waiting_deliveries": frozenset({"source"}),
    "charges": frozenset({"order_number", "source", "sku", "name", "currency", "state", "parked_because"}),
    "billing_accounts": frozenset({"totals", "last_decision"}),
    "billing_decisions": frozenset({"decision", "sums", "actor", "actor_label"}),
}
