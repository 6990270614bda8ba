"""What deliveries cost, and which of it is billed or parked.

A part of a line costs what the line costs for all that was delivered by then, less what was charged before: parts of a
line sum to the line exactly. What is given back of a charge goes the same way, so that giving back all of it leaves
nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from billing.domain.deliveries import SHIPMENT, Delivery
from common.ids import new_id

Record = dict[str, Any]

SWITCH: Final = "billing_enabled"

BILLABLE: Final = "billable"
PARKED: Final = "parked"
WAIVED: Final = "waived"
STATES: Final = (BILLABLE, PARKED, WAIVED)

MODULE_OFF: Final = "module_off"
CUSTOMER_UNKNOWN: Final = "customer_unknown"
PARKED_BECAUSE: Final = (MODULE_OFF, CUSTOMER_UNKNOWN)

_PROVIDED: Final = frozenset({"stock", "service"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a confirmed order: what all of it costs, and whether the provider charges it."""

    id: str
    sku: str
    name: str
    quantity: int
    total_minor: int
    is_charged: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A confirmed order."""

    id: str
    number: str | None
    customer_id: str
    currency: str
    lines: Mapping[str, Line]


@dataclass(slots=True)
class Book:
    """The charges of one order so far."""

    keys: set[tuple[str, str, str]] = field(default_factory=set)
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)  # line -> delivered, and charged for it
    shipped: dict[tuple[str, str], Record] = field(default_factory=dict)  # by shipment and line
    given_back: dict[str, tuple[int, int]] = field(default_factory=dict)  # by charge

    def add(self, charge: Record) -> None:
        """Takes in a charge."""
        self.keys.add((charge["source"], charge["source_id"], charge["source_line_id"]))
        if charge["credits_id"] is None:
            self.shipped[charge["shipment_id"], charge["line_id"]] = charge
            book, key, sign = self.lines, charge["line_id"], 1
        else:
            book, key, sign = self.given_back, charge["credits_id"], -1
        quantity, amount = book.get(key, (0, 0))
        book[key] = quantity + sign * charge["quantity"], amount + sign * charge["amount_minor"]


@dataclass(slots=True)
class Outcome:
    """What follows from deliveries: new charges, and which deliveries wait on. What is in neither makes no charge."""

    charges: list[Record] = field(default_factory=list)
    waiting: list[Delivery] = field(default_factory=list)


def is_charged(line: Mapping[str, Any]) -> bool:
    """Whether the provider charges a line: what another customer sells or a company has in its own inventory goes by
    cost centre or between the two, and what costs nothing is not worth a charge."""
    return line["kind"] in _PROVIDED and line.get("seller_id") is None and bool(line["total_minor"])


def part_of(total: int, part: int, whole: int) -> int:
    """So much of a total as a part is of the whole, rounded half up to the minor unit."""
    return (2 * total * part + whole) // (2 * whole)


def charges_of(order: Order | None, deliveries: Iterable[Delivery], book: Book, because: str | None) -> Outcome:
    """Charges deliveries of one order, the oldest first; `because` says why what is new is parked, None where it is
    billable. What is in the book already is left aside. An order that is not known, or of which less is known than was
    sent, lets its deliveries wait."""
    outcome = Outcome()
    # What was sent comes before what is given back of it.
    for one in sorted(deliveries, key=lambda one: (one.source != SHIPMENT, one.delivered_on, one.key)):
        if one.key in book.keys:
            continue
        line = order.lines.get(one.line_id) if order else None
        if order is None or line is None:
            outcome.waiting.append(one)
            continue
        if not line.is_charged:
            continue
        charge = _sent(line, one, book, because) if one.source == SHIPMENT else _given_back(one, book)
        if charge is None:
            outcome.waiting.append(one)
        elif charge:
            made = _whole(order, line, one) | charge
            book.add(made)
            outcome.charges.append(made)
    return outcome


def _sent(line: Line, one: Delivery, book: Book, because: str | None) -> Record | None:
    delivered, charged = book.lines.get(line.id, (0, 0))
    if delivered + one.quantity > line.quantity:
        return None
    return {
        "credits_id": None,
        "quantity": one.quantity,
        "amount_minor": part_of(line.total_minor, delivered + one.quantity, line.quantity) - charged,
        "delivered_on": one.delivered_on,
        "state": PARKED if because else BILLABLE,
        "parked_because": because,
        "decision_id": None,
    }


def _given_back(one: Delivery, book: Book) -> Record | None:
    """A credit stands as the charge that it gives back: what nobody bills is not paid back either, and what is decided
    about the one is decided about the other. Empty where nothing is left to give back."""
    charge = book.shipped.get((one.shipment_id, one.line_id))
    if charge is None:
        return None
    before, given = book.given_back.get(charge["id"], (0, 0))
    quantity = min(before + one.quantity, charge["quantity"])
    if quantity == before:
        return {}
    return {
        "credits_id": charge["id"],
        "quantity": before - quantity,
        "amount_minor": given - part_of(charge["amount_minor"], quantity, charge["quantity"]),
        **{name: charge[name] for name in ("delivered_on", "state", "parked_because", "decision_id")},
    }


def _whole(order: Order, line: Line, one: Delivery) -> Record:
    return {
        "id": new_id(),
        "customer_id": order.customer_id,
        "order_id": order.id,
        "order_number": order.number,
        "line_id": line.id,
        "shipment_id": one.shipment_id,
        "source": one.source,
        "source_id": one.source_id,
        "source_line_id": one.source_line_id,
        "sku": line.sku,
        "name": line.name,
        "currency": order.currency,
        "version": 1,
    }
