"""Goods that are on their way in: how many of them may be ordered ahead, and on which day what waits gets its goods.

Days are text as in ISO 8601, whose order is that of the calendar.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from common.errors import FieldError
from warehouse.errors.supplies import SupplyState, SupplyUnsuitable

EXPECTED: Final = "expected"
RECEIVED: Final = "received"
CANCELLED: Final = "cancelled"
STATUSES: Final = (EXPECTED, RECEIVED, CANCELLED)


@dataclass(slots=True)
class Supply:
    """Goods of one article that are expected in a warehouse. `served` of those for pre-orders have gone to some;
    `customer_id` is whose dedicated warehouse it is."""

    id: str
    sku: str
    expected_on: str
    quantity: int
    preorder_quantity: int = 0
    received: int = 0
    served: int = 0
    customer_id: str | None = None

    @property
    def open(self) -> int:
        """What has not arrived."""
        return max(0, self.quantity - self.received)

    @property
    def ahead(self) -> int:
        """How many that have not arrived are for pre-orders."""
        return max(0, min(self.preorder_quantity - self.served, self.open))


@dataclass(frozen=True, slots=True)
class Article:
    """What a listing says of dates."""

    lead_days: int | None = None
    available_from: str | None = None


@dataclass(slots=True)
class Inbound:
    """What is expected of the articles that a transaction holds locked, and how much waits for it: `waiting` of all
    orders, `preordered` of pre-orders alone."""

    supplies: dict[str, list[Supply]] = field(default_factory=dict)
    waiting: Counter[str] = field(default_factory=Counter)
    preordered: Counter[str] = field(default_factory=Counter)
    articles: dict[str, Article] = field(default_factory=dict)

    def add(self, supply: Supply) -> None:
        """Takes in one more supply."""
        self.supplies.setdefault(supply.sku, []).append(supply)

    def wait(self, sku: str, change: int, *, preorder: bool) -> None:
        """Counts what begins or ceases to wait."""
        self.waiting[sku] += change
        if preorder:
            self.preordered[sku] += change

    def promised(self, sku: str) -> int:
        """How many are named for pre-orders."""
        return sum(supply.ahead for supply in self.supplies.get(sku, ()))

    def left(self, sku: str) -> int:
        """How many more may be ordered ahead."""
        return max(0, self.promised(sku) - self.preordered[sku])

    def short(self, sku: str) -> int:
        """How many were ordered ahead for which nothing is named any more."""
        return max(0, self.preordered[sku] - self.promised(sku))

    def queue(self, sku: str) -> "Arrivals":
        """What is expected, to be given to a queue from its head."""
        return Arrivals(self.supplies.get(sku, ()))

    def day_at_the_end(self, sku: str, customer_id: str) -> str | None:
        """The day on which who stands at the end of the queue has everything; None where not so much is expected."""
        return self.queue(sku).take(customer_id, self.waiting[sku])


class Arrivals:
    """Supplies of an article by their day, as a queue takes them up."""

    def __init__(self, supplies: Iterable[Supply]) -> None:
        self._supplies = sorted(supplies, key=lambda one: (one.expected_on, one.id))
        self._left = {supply.id: supply.open for supply in self._supplies}

    def take(self, customer_id: str, quantity: int) -> str | None:
        """Takes so many for a customer; the day of the last of them, or None where there are not so many."""
        day = None
        for supply in self._supplies:
            taken = min(self._left[supply.id], quantity) if supply.customer_id in {None, customer_id} else 0
            if taken:
                self._left[supply.id] -= taken
                quantity -= taken
                day = supply.expected_on
        return day if not quantity else None


def day_for(
    article: Article | None, *, preorder: bool, covered_on: str | None, promised_on: str | None, today: str
) -> str | None:
    """The day that is promised to what waits. A pre-order gets its supply's day, or the listing's where that is later;
    a back-order its supply's, else that of the listing's lead time. What nothing covers any more keeps its day, at
    least."""
    known = article or Article()
    if preorder:
        return promised_on if covered_on is None else max(covered_on, known.available_from or covered_on)
    if covered_on is not None or known.lead_days is None:
        return covered_on or promised_on
    led = (date.fromisoformat(today) + timedelta(days=known.lead_days)).isoformat()
    return max(led, promised_on or led)


def changed(supply: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """A supply with what a person edits of it; raises SupplyState, SupplyUnsuitable."""
    check_open(supply)
    after = {**supply, **body}
    if after["quantity"] < after["received"]:
        detail = f"{after['received']} have arrived already."
        raise SupplyUnsuitable(
            f"{detail} Expect as many at least, or cancel the rest.", errors=[FieldError("/quantity", detail)]
        )
    if "preorder_quantity" not in body:
        after["preorder_quantity"] = min(after["preorder_quantity"], after["quantity"])
    check_share(after["preorder_quantity"], after["quantity"])
    return after


def check_share(preorders: int, quantity: int) -> None:
    """Raises SupplyUnsuitable where more is for pre-orders than is expected."""
    if preorders > quantity:
        detail = f"No more than the {quantity} that are expected."
        raise SupplyUnsuitable(detail, errors=[FieldError("/preorder_quantity", detail)])


def check_open(supply: Mapping[str, Any]) -> None:
    """Raises SupplyState where a supply is not expected any more."""
    if supply["status"] != EXPECTED:
        raise SupplyState(
            f"The supply is {supply['status']} and stays as it is; note another one for what is still to come.",
            facts={"status": supply["status"]},
        )


def changes(before: Mapping[str, Any], after: Mapping[str, Any], names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """What was edited, field by field, as events tell it."""
    for name in names:
        if before[name] != after[name]:
            yield {"path": name, "before": _plain(before[name]), "after": _plain(after[name])}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
