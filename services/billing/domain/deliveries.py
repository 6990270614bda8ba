"""What was delivered or is given back, as the warehouse tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

SHIPMENT: Final = "shipment"
RETURN: Final = "return"
CLAIM: Final = "claim"
SOURCES: Final = (SHIPMENT, RETURN, CLAIM)

_MONEY: Final = frozenset({"credit", "refund"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be charged of a line, or given back of what was charged for a line of a shipment."""

    source: str
    source_id: str
    source_line_id: str
    order_id: str
    line_id: str
    shipment_id: str
    quantity: int
    delivered_on: date

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is charged for: once."""
        return self.source, self.source_id, self.source_line_id


def sent(data: Mapping[str, Any]) -> list[Delivery]:
    """What a shipment has taken away that was not the customer's own; lines of it that are parts of one line of its
    order are one."""
    found: dict[str, int] = {}
    for line in data["lines"]:
        found[line["line_id"]] = found.get(line["line_id"], 0) + line["quantity"] - line.get("quantity_own", 0)
    on, shipment = date.fromisoformat(data["shipped_at"][:10]), data["id"]
    return [
        Delivery(SHIPMENT, shipment, line_id, data["order_id"], line_id, shipment, quantity, on)
        for line_id, quantity in found.items()
        if quantity
    ]


def returned(data: Mapping[str, Any], on: date) -> list[Delivery]:
    """What a closed return gives back in money. What went into the customer's own warehouse was only moved, and of
    goods that nobody announced it is not known what they cost."""
    if data["dedicated"]:
        return []
    found = []
    for line in data["lines"]:
        quantity = sum(one["quantity"] for one in line["outcomes"] if one["resolution"] in _MONEY)
        if quantity and line["shipment_id"] and line["line_id"] and line["order_id"]:
            place = line["order_id"], line["line_id"], line["shipment_id"]
            found.append(Delivery(RETURN, data["id"], line["id"], *place, quantity, on))
    return found


def claimed(data: Mapping[str, Any], on: date) -> list[Delivery]:
    """What an accepted claim gives back in money."""
    if not data["credit_pending"] or not data["quantity_accepted"]:
        return []
    place = data["order_id"], data["line_id"], data["shipment_id"]
    return [Delivery(CLAIM, data["id"], data["id"], *place, data["quantity_accepted"], on)]
