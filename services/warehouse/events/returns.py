"""Events of returns: each carries the whole return with its lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from common.clock import rfc3339
from common.outbox import Draft
from warehouse.domain.returns import credit_wanted

VERBS = (
    "requested",
    "authorized",
    "denied",
    "arrived",
    "received",
    "inspected",
    "closed",
    "cancelled",
    "expired",
    "moved",
)
PUBLISHES = frozenset(f"warehouse.return.{verb}.v1" for verb in VERBS)

_FIELDS = (
    *("id", "number", "customer_id", "warehouse_id", "dedicated", "status", "note", "reason", "override_reason"),
    *("carrier", "tracking_number"),
)
_MOMENTS = ("created_at", "authorized_at", "arrived_at", "received_at", "inspected_at", "ended_at")
_LINE_FIELDS = (
    *("id", "position", "shipment_id", "shipment_number", "line_id", "order_id", "order_number", "sku", "name"),
    *("reason", "resolution", "quantity_requested", "quantity_authorized", "quantity_received", "quantity_accepted"),
    *("quantity_rejected", "quantity_replaced", "replacement_sku", "serials", "serials_received"),
)
_OUTCOME_FIELDS = ("quantity", "condition", "disposition", "resolution")


def returned(verb: str, record: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], **more: Any) -> Draft:
    """A return as it is now; `changes` besides where it belongs to another customer. `credit_wanted` tells whether an
    inspection grants money for any of it."""
    data = {name: record[name] for name in _FIELDS} | {
        "kind": "goods",
        "ship_by": record["ship_by"].isoformat() if record["ship_by"] else None,
        **{name: rfc3339(record[name]) if record[name] else None for name in _MOMENTS},
        "order_ids": list(dict.fromkeys(line["order_id"] for line in lines if line["order_id"])),
        "credit_wanted": credit_wanted(lines),
        "lines": [_line(line) for line in lines],
        **more,
    }
    return Draft(f"warehouse.return.{verb}.v1", record["id"], record["version"], data, record["customer_id"])


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    outcomes = [{name: outcome[name] for name in _OUTCOME_FIELDS} for outcome in line["outcomes"]]
    return {name: line[name] for name in _LINE_FIELDS} | {"outcomes": outcomes}
