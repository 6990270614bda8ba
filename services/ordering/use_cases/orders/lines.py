"""The lines of a draft: what they cost now, and whether they may be ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError
from common.ids import new_id
from common.money import to_minor
from ordering.domain.exchanges import PRICE as EXCHANGE_PRICE
from ordering.domain.order_lines import QUANTITIES
from ordering.domain.pricing import PricedLine, line_total
from ordering.errors import MoneyUnsuitable
from ordering.errors.orders import CurrenciesMixed, LinesUnavailable, NoLines
from ordering.queries.pricing import UNKNOWN, lines_seen
from ordering.queries.viewpoint import Viewpoint, viewpoint

Row = dict[str, Any]
Wanted = Sequence[Mapping[str, Any]]

STAFF_PRICE = "staff"
QUOTED_PRICE = "quote"


def priced(
    session: Session, seen_from: Viewpoint, wanted: Wanted, on: date, *, currency: str | None = None
) -> list[PricedLine | None]:
    """The listings that lines name, each with its price for that customer and quantity, of one currency where one is
    named; None where there is no such listing."""
    asked = [(line["listing_id"], line["quantity"]) for line in wanted]
    found = lines_seen(session, seen_from, asked, on, currency=currency)
    return [line if line.why != UNKNOWN else None for line in found]


def draft_lines(session: Session, order: Mapping[str, Any], wanted: Wanted, on: date, *, staff: bool) -> list[Row]:
    """New lines for an order, with prices of today where staff gives none. A customer names only what it sees; raises
    LinesUnavailable, NoLines, CurrenciesMixed."""
    if not wanted:
        raise NoLines("Name at least one listing and a quantity.")
    found = priced(session, viewpoint(session, order["customer_id"]), wanted, on, currency=order["currency"])
    unknown = [
        FieldError(f"/lines/{place}/listing_id", "There is no such listing for this customer.")
        for place, line in enumerate(found)
        if line is None or not (line.visible or staff)
    ]
    if unknown:
        raise LinesUnavailable("Some listings are not there for this customer; leave them out.", errors=unknown)
    return [
        _line(order, position, told, line)
        for position, (told, line) in enumerate(zip(wanted, found, strict=True), start=1)
        if line is not None
    ]


def _line(order: Mapping[str, Any], position: int, told: Mapping[str, Any], listing: PricedLine) -> Row:
    line: Row = {
        "id": new_id(),
        "order_id": order["id"],
        "customer_id": order["customer_id"],
        "position": position,
        "listing_id": listing.listing_id,
        "quantity": told["quantity"],
        "requested_on": told.get("requested_on"),
        "cost_centre": told.get("cost_centre") or None,
        "discount": told.get("discount", Decimal(0)),
        "promised_on": None,
        "supply_mode": "in_stock",
        "backorder_allowed": False,
        "backorder_cap": None,
        **dict.fromkeys(QUANTITIES, 0),
    }
    given = told.get("unit_price")
    if given is not None:
        line |= {
            "unit_price_minor": to_minor(
                given["amount"], given["currency"], f"/lines/{position - 1}/unit_price", MoneyUnsuitable
            ),
            "currency": given["currency"],
            "price_source": told.get("price_source", {"kind": STAFF_PRICE}),
        }
    return take_listing(line, listing)


def take_listing(line: Row, listing: PricedLine) -> Row:
    """A line as its listing is now, with today's price unless staff has given or quoted one, or it replaces
    something at no charge."""
    line = line | {name: getattr(listing, name) for name in ("sku", "name", "kind", "unit")}
    line["seller_id"] = listing.owner_id
    if (line.get("price_source") or {}).get("kind") not in {STAFF_PRICE, QUOTED_PRICE, EXCHANGE_PRICE}:
        line |= {
            "unit_price_minor": listing.unit_price_minor,
            "currency": listing.currency,
            "price_source": None if listing.price_source is None else asdict(listing.price_source),
        }
    unit = line["unit_price_minor"]
    total = None if unit is None else line_total(line["quantity"], unit, line["discount"])
    return line | {"total_minor": total}


def of_quantity(line: Row, quantity: int) -> Row:
    """A line of so many, at the price that it has."""
    unit = line["unit_price_minor"]
    total = None if unit is None else line_total(quantity, unit, line["discount"])
    return line | {"quantity": quantity, "total_minor": total}


def renumbered(lines: Sequence[Row]) -> list[Row]:
    """Lines that keep their prices and take the places of those that are gone."""
    return [of_quantity(line, line["quantity"]) | {"position": position} for position, line in enumerate(lines, 1)]


def totalled_as(currency: str | None, lines: Sequence[Row]) -> Row:
    """The currency, which stays, and the total of an order with these lines."""
    return {"currency": currency, "total_minor": sum(line["total_minor"] or 0 for line in lines)}


def standing(row: Mapping[str, Any], lines: Sequence[Row]) -> tuple[Row, list[Row]]:
    """An order and its lines without what was given up: what limits, purchase orders and approvals are about."""
    kept = [line for line in lines if line["quantity"] > line["quantity_cancelled"]]
    now = [of_quantity(line, line["quantity"] - line["quantity_cancelled"]) for line in kept]
    return {**row, **totalled_as(row["currency"], now)}, now


def is_quoted(line: Mapping[str, Any]) -> bool:
    """Whether the provider has offered this line in a quote, which was accepted."""
    return bool((line.get("price_source") or {}).get("kind") == QUOTED_PRICE)


def totalled(lines: Sequence[Row]) -> Row:
    """The currency and the total of an order with these lines; raises CurrenciesMixed."""
    currencies = sorted({line["currency"] for line in lines if line["unit_price_minor"] is not None})
    if len(currencies) > 1:
        raise CurrenciesMixed(
            f"The lines have prices in {', '.join(currencies)}; make one order for each currency.",
            facts={"currencies": currencies},
        )
    total = sum(line["total_minor"] or 0 for line in lines)
    return {"currency": currencies[0] if currencies else None, "total_minor": total}
