"""What customers order, what is sent to them, and who had to agree."""

from collections.abc import Iterable

from overview.domain.marks import DELIVERED
from overview.domain.nouns.noun import Data, Noun, always, newest

VIEW = "orders.view"

_OPEN = frozenset(("confirmed", "cancelling"))


def _with_progress(data: Data, _customer_id: str) -> Data:
    """An order with how far it has come, of all its lines together."""
    lines = data["lines"]
    wanted = sum(line["quantity"] - line["quantity_cancelled"] for line in lines)
    shipped = sum(line["quantity_shipped"] for line in lines)
    returned = sum(line.get("quantity_returned", 0) for line in lines)
    left = max(wanted - shipped, 0) if data["status"] in _OPEN else 0
    progress = {"line_count": len(lines), "shipped": shipped, "returned": returned, "to_deliver": left}
    return {**data, **progress}


def _numbers(data: Data) -> Iterable[tuple[str, str]]:
    for name in ("number", "po_number", "external_number"):
        if data.get(name):
            yield "order", data[name]


def _marks(data: Data) -> Iterable[str]:
    if data["shipped"] > data["returned"]:
        yield DELIVERED
    if data["to_deliver"]:
        yield "to_deliver:yes"


def _tracked(data: Data) -> Iterable[tuple[str, str]]:
    yield "shipment", data["number"]
    if number := (data.get("tracking") or {}).get("number"):
        yield "shipment", number
    for line in data["lines"]:
        for serial in line["serials"]:
            yield "shipment", serial


def _number(data: Data) -> str:
    return str(data["number"])


def _of_order(data: Data) -> str:
    return str(data["order_number"] or "")


def _reason(data: Data) -> str | None:
    return data.get("reason")


ORDER = Noun(
    entity="ordering.order",
    verbs=(
        *("drafted", "updated", "placed", "approved", "rejected", "confirmed", "cancelling", "cancelled", "expired"),
        *("held", "released", "progressed", "completed", "expiring", "lines_cancelled", "withdrawn", "revised"),
    ),
    ends=frozenset(),
    section="orders",
    fields=(
        *("id", "number", "status", "hold_reasons", "total", "po_number", "external_number", "requester_label"),
        *("requested_on", "placed_at", "confirmed_at", "line_count", "shipped", "returned", "to_deliver"),
    ),
    order=newest("placed_at"),
    needs=VIEW,
    portal=always,
    label=_number,
    said=_reason,
    seen_by=_with_progress,
    found_by=_numbers,
    marks=_marks,
)
SHIPMENT = Noun(
    entity="warehouse.shipment",
    verbs=("created", "picking_started", "packed", "dispatched", "delivered", "cancelled", "failed", "moved"),
    ends=frozenset(),
    section="shipments",
    fields=("id", "number", "order_id", "order_number", "status", "tracking", "shipped_at", "delivered_at", "lines"),
    order=newest("shipped_at"),
    needs=VIEW,
    portal=always,
    label=_number,
    found_by=_tracked,
)
# What the warehouse answers stands in the order's own events; here it is history for staff.
RESERVATION = Noun(
    entity="warehouse.reservation",
    verbs=("made", "allocated", "released", "expired", "shipped"),
    kept=False,
    needs=VIEW,
    label=_of_order,
)

NOUNS = (ORDER, SHIPMENT, RESERVATION)
