"""What a shipment takes up, and its life: planned, picked and packed where somebody says so, then shipped and
delivered, or cancelled before it left; and what went wrong on its way."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from common.errors import FieldError
from warehouse.domain.promises import Line, Reservation, Source
from warehouse.errors.shipments import (
    NotAllocated,
    NothingToShip,
    OrderHeld,
    OrderIncomplete,
    ShipmentState,
    WarehouseNeeded,
)

PLANNED: Final = "planned"
PICKING: Final = "picking"
PACKED: Final = "packed"
SHIPPED: Final = "shipped"
DELIVERED: Final = "delivered"
CANCELLED: Final = "cancelled"
EXCEPTION: Final = "exception"
STATUSES: Final = (PLANNED, PICKING, PACKED, SHIPPED, DELIVERED, CANCELLED, EXCEPTION)
HERE: Final = (PLANNED, PICKING, PACKED)
LEFT: Final = (SHIPPED, DELIVERED, EXCEPTION)

LOST: Final = "lost"
REFUSED: Final = "refused"
DAMAGED: Final = "damaged"
EXCEPTIONS: Final = (LOST, REFUSED, DAMAGED)
# What is claimed of a shipment that did not come as it should; what was refused comes back instead.
CLAIMED_AS: Final[Mapping[str, str]] = {LOST: "never_arrived", DAMAGED: "damaged"}

# A shipment may be dispatched without a word about its picking, and what was thought lost may turn up.
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "pick": (PLANNED,),
    "pack": (PLANNED, PICKING),
    "dispatch": HERE,
    "cancel": HERE,
    "deliver": (SHIPPED, EXCEPTION),
    "fail": (SHIPPED,),
}
_NEXT: Final = {
    PLANNED: "It is planned: pick it, dispatch it, or cancel it.",
    PICKING: "It is being picked: pack it, dispatch it, or cancel it.",
    PACKED: "It is packed: dispatch it, or cancel it.",
    SHIPPED: "It has left: tell when it is delivered, or what went wrong.",
    EXCEPTION: "It did not come as it should: see GET /api/claims, or tell that it was delivered after all.",
    DELIVERED: "It was delivered; what comes back is a return.",
    CANCELLED: "It was cancelled; make a new shipment.",
}


def check(verb: str, status: str) -> None:
    """Raises ShipmentState where a shipment in this status cannot do that."""
    if status not in _NEEDS[verb]:
        raise ShipmentState(f"The shipment cannot do this now. {_NEXT[status]}", facts={"status": status})


def by_line(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a shipment as everybody sees them: goods of several owners in one warehouse are one line. Where rows
    tell how many of them are the customer's own (`quantity_own`), lines do."""
    lines: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = lines.setdefault(
            row["line_id"],
            {"line_id": row["line_id"], "sku": row["sku"], "name": row["name"], "quantity": 0, "serials": []},
        )
        line["quantity"] += row["quantity"]
        line["serials"] = line["serials"] + list(row["serials"])
        if "quantity_own" in row:
            line["quantity_own"] = line.get("quantity_own", 0) + row["quantity_own"]
    return list(lines.values())


def check_sendable(order: Reservation) -> None:
    """Raises OrderHeld for an order on hold, OrderIncomplete for one that goes out as a whole and still waits."""
    if order.held:
        raise OrderHeld("The order is on hold; release it first.")
    waiting = [line.sku for line in order.in_order if line.quantity > line.shipped + line.allocated]
    if order.ship_policy == "ship_complete" and waiting:
        raise OrderIncomplete(
            f"The order goes out as a whole and still waits for {', '.join(waiting[:5])}; send it when that has come.",
            facts={"skus": waiting},
        )


def _left(source: Source) -> int:
    return source.allocated - source.planned


def only_warehouse(order: Reservation) -> str:
    """The warehouse from which everything comes that is in no shipment yet; raises WarehouseNeeded, NothingToShip."""
    places = sorted(
        {one.warehouse_id for line in order.lines.values() for one in line.sources.values() if _left(one) > 0}
    )
    if len(places) > 1:
        raise WarehouseNeeded(
            "The goods lie in several warehouses; make a shipment for each, naming it as `warehouse_id`.",
            errors=[FieldError("/warehouse_id", "Is needed.")],
            facts={"warehouse_ids": places},
        )
    if not places:
        raise NothingToShip(
            "Nothing of this order is allocated that is not in a shipment already; wait for stock, or look at its"
            " shipments (GET /api/shipments)."
        )
    return places[0]


def everything(order: Reservation, warehouse_id: str) -> list[dict[str, Any]]:
    """Lines of a shipment with all that is allocated there and in no shipment yet."""
    return [part for line in order.in_order for part in _parts(line, warehouse_id, None, ())]


def chosen(order: Reservation, warehouse_id: str, wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines of a shipment with what is wanted; raises NotAllocated where that is more than there is."""
    parts: list[dict[str, Any]] = []
    named: set[str] = set()
    for number, entry in enumerate(wanted):
        line = order.lines.get(entry["line_id"])
        # A line that is named twice is not there twice.
        known = line is not None and line.id not in named
        named.add(entry["line_id"])
        found = _parts(line, warehouse_id, entry["quantity"], entry.get("serials", ())) if line and known else []
        there = sum(part["quantity"] for part in found)
        if there < entry["quantity"]:
            raise NotAllocated(
                f"Of this line {there} are allocated there and in no shipment yet; send as many at most.",
                errors=[FieldError(f"/lines/{number}/quantity", f"At most {there}.")],
                facts={"line_id": entry["line_id"], "allocated": there},
            )
        parts += found
    return parts


def _parts(line: Line, warehouse_id: str, most: int | None, serials: Sequence[str]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    left, names = most, list(serials)
    for balance_id, source in line.sources.items():
        quantity = _left(source) if left is None else min(left, _left(source))
        if source.warehouse_id != warehouse_id or quantity <= 0:
            continue
        parts.append(
            {
                "line_id": line.id,
                "balance_id": balance_id,
                "position": line.position,
                "sku": line.sku,
                "name": line.name,
                "quantity": quantity,
                "serials": names[:quantity],
            }
        )
        names = names[quantity:]
        left = None if left is None else left - quantity
    return parts
