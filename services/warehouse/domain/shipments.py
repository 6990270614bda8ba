"""The life of a shipment: planned, then shipped and delivered, or cancelled before it left."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from warehouse.errors.shipments import ShipmentState

PLANNED: Final = "planned"
SHIPPED: Final = "shipped"
DELIVERED: Final = "delivered"
CANCELLED: Final = "cancelled"
STATUSES: Final = (PLANNED, SHIPPED, DELIVERED, CANCELLED)

_NEEDS: Final = {"dispatch": PLANNED, "cancel": PLANNED, "deliver": SHIPPED}
_NEXT: Final = {
    PLANNED: "It is planned: dispatch it, or cancel it.",
    SHIPPED: "It has left: tell when it is delivered.",
    DELIVERED: "It was delivered; what comes back is a return.",
    CANCELLED: "It was cancelled; make a new shipment.",
}


def check(verb: str, status: str) -> None:
    """Raises ShipmentState where a shipment in this status cannot be dispatched, cancelled or delivered."""
    if status != _NEEDS[verb]:
        raise ShipmentState(f"The shipment cannot do this now. {_NEXT[status]}", facts={"status": status})


def by_line(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a shipment as everybody sees them: goods of several owners in one warehouse are one line."""
    lines: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = lines.setdefault(
            row["line_id"],
            {"line_id": row["line_id"], "sku": row["sku"], "name": row["name"], "quantity": 0, "serials": []},
        )
        line["quantity"] += row["quantity"]
        line["serials"] = line["serials"] + list(row["serials"])
    return list(lines.values())
