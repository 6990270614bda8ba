"""Which columns hold personal values; a test compares with the tables. Each column that holds text is named once."""

from collections.abc import Mapping

from common.importing.personal import PLAIN as IMPORTS
from customer_replica.merging.personal import PLAIN as MERGES

PERSONAL: Mapping[str, frozenset[str]] = {
    "replica_customers": frozenset({"name"}),
    "order_reservations": frozenset({"ship_to"}),
    "shipments": frozenset({"ship_to", "exception_note"}),
    "returns": frozenset({"note", "reason", "override_reason"}),
    "claims": frozenset({"note", "reason", "override_reason"}),
    "transfers": frozenset({"note", "reason"}),
    "assets": frozenset({"custodian_label", "location", "note", "reason"}),
    "asset_history": frozenset({"changes", "actor_label"}),
    "asset_requests": frozenset({"custodian_label", "location", "note", "reason", "requester_label", "decided_label"}),
}

# Text that says nothing of a customer's people: codes, states, names of things, and which account did something.
PLAIN: Mapping[str, frozenset[str]] = {
    **IMPORTS,
    **MERGES,
    "replica_customers": frozenset({"number", "status"}),
    "replica_scopes": frozenset({"subject", "scope", "values", "locks"}),
    "replica_items": frozenset({"sku", "name", "unit", "kind", "backorder_policy", "status"}),
    "warehouses": frozenset({"code", "name", "kind", "status", "address"}),
    "skus": frozenset({"sku"}),
    "stock_balances": frozenset({"sku", "currency"}),
    "stock_movements": frozenset({"sku", "kind", "pool", "currency", "reference", "actor", "actor_label", "note"}),
    "order_reservations": frozenset({"order_number", "state", "ship_policy"}),
    "reservation_lines": frozenset({"sku", "name"}),
    "shipments": frozenset(
        {"number", "order_number", "status", "carrier", "tracking_number", "tracking_url", "currency", "exception"}
    ),
    "shipment_lines": frozenset({"sku", "name", "serials"}),
    "returns": frozenset({"number", "status", "requested_by", "carrier", "tracking_number"}),
    "return_lines": frozenset(
        {
            *("shipment_number", "order_number", "sku", "name", "reason", "resolution", "serials"),
            *("serials_received", "outcomes", "replacement_sku"),
        }
    ),
    "claims": frozenset(
        {
            *("number", "status", "shipment_number", "order_number", "sku", "name", "kind", "resolution", "granted"),
            *("replacement_sku", "requested_by"),
        }
    ),
    "return_serials": frozenset({"serial"}),
    "serials_out": frozenset({"sku", "serial"}),
    "transfers": frozenset({"number", "status", "requested_by"}),
    "inbound_supplies": frozenset({"sku", "status", "reference"}),
    "promised_dates": frozenset({"sku", "cause"}),
    "transfer_lines": frozenset({"sku", "currency"}),
    "assets": frozenset({"tag", "serial", "name", "model", "sku", "status", "after_repair", "order_number"}),
    "asset_history": frozenset({"command", "actor"}),
    "asset_requests": frozenset({"number", "status", "held_from", "sku", "model", "requested_by", "decided_by"}),
}
