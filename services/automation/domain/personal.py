"""Which columns hold personal values; a test compares with the tables. Each column that holds text is named once."""

from collections.abc import Mapping

from customer_replica.merging.personal import PLAIN as MERGES

PERSONAL: Mapping[str, frozenset[str]] = {
    "replica_customers": frozenset({"name"}),
    "automation_rules": frozenset({"actions", "condition"}),
    "runs": frozenset({"facts", "actions", "steps"}),
    "tasks": frozenset({"title", "note", "assignee", "created_by_label", "closed_by_label"}),
}

# Text that says nothing of a customer's people: codes, states, names of rules, and which account did something.
PLAIN: Mapping[str, frozenset[str]] = {
    **MERGES,
    "replica_customers": frozenset({"number", "status"}),
    "replica_scopes": frozenset({"subject", "scope", "values", "locks"}),
    "automation_rules": frozenset({"name", "event_type", "currency", "paused_reason"}),
    "runs": frozenset({"rule_name", "event_type", "subject", "status", "reason", "chain", "correlation_id", "detail"}),
    "tasks": frozenset({"audience", "status", "created_by", "closed_by"}),
}
