"""What a line costs: the price that was found for it, and the money of a quantity at that price."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

LIST_KINDS: Final = ("standard", "group", "customer", "contract")  # each beats those before it
OWNER_PRICE: Final = "owner"  # what the customer that sells a listing asks for it


@dataclass(frozen=True, slots=True)
class PriceSource:
    """The list that a price comes from, and the quantity from which it holds. What its owner asks for a listing is in
    no list."""

    list_id: str | None
    list_code: str | None
    kind: str
    min_quantity: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A listing as one customer sees it, and what a unit costs it at the quantity asked for. Without `unit_price_minor`
    there is no price; where it is not `visible`, `why` says by its code what stands in the way."""

    listing_id: str
    quantity: int
    sku: str
    name: str
    kind: str
    unit: str
    backorder_policy: str
    backorder_cap: int | None
    lead_days: int | None
    preorderable: bool
    preorders: bool  # whether the customer may order it ahead of its day
    available_from: date | None
    owner_id: str | None
    unit_price_minor: int | None
    currency: str | None
    price_source: PriceSource | None
    visible: bool
    why: str | None


def line_total(quantity: int, unit_price_minor: int, discount: Decimal = Decimal(0)) -> int:
    """Quantity times unit price times one less the discount, rounded half up to the minor unit."""
    exact = Decimal(quantity) * unit_price_minor * (1 - discount)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
