"""Events of shipments."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from common.clock import rfc3339
from common.money import to_money
from common.outbox import Draft
from warehouse.domain.shipments import by_line

ShipmentVerb = Literal[
    "created", "picking_started", "packed", "dispatched", "delivered", "cancelled", "failed", "moved"
]

PUBLISHES = frozenset(f"warehouse.shipment.{verb}.v1" for verb in get_args(ShipmentVerb))

_FIELDS = ("id", "number", "order_id", "order_number", "customer_id", "warehouse_id", "status")


def shipment(
    verb: ShipmentVerb,
    record: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    **more: Any,
) -> Draft:
    """A shipment with its lines as it is now; `changes` besides where it belongs to another customer."""
    tracking = {"carrier": record["carrier"], "number": record["tracking_number"], "url": record["tracking_url"]}
    data = {name: record[name] for name in _FIELDS} | {
        "tracking": tracking if record["shipped_at"] else None,
        "shipped_at": rfc3339(record["shipped_at"]) if record["shipped_at"] else None,
        "delivered_at": rfc3339(record["delivered_at"]) if record["delivered_at"] else None,
        "exception": {"kind": record["exception"], "note": record["exception_note"]} if record["exception"] else None,
        "lines": by_line(lines),
        "cost": to_money(record["cost_minor"], record["currency"]),
        **more,
    }
    return Draft(f"warehouse.shipment.{verb}.v1", record["id"], record["version"], data, record["customer_id"])
