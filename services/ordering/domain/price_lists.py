"""Price lists: what can be said of one, and which prices can be set in it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from common.errors import FieldError
from ordering.errors.prices import PriceListUnsuitable, PricesUnsuitable

MAX_PRICES: Final = 2_000
MAX_TOLD: Final = 200  # how many changed prices an event names; its count says how many there were

LENGTHS: Final = {"code": 40, "name": 200}
LABELS: Final = {
    "name": "Name",
    "priority": "Priority",
    "valid_from": "Valid from",
    "valid_to": "Valid to",
}


def check_price_list(record: Mapping[str, Any]) -> None:
    """Raises PriceListUnsuitable where the target does not fit the kind, or the list ends before it begins."""
    errors = []
    if (record["kind"] == "standard") != (record["target_id"] is None):
        said = "A standard list is for everybody." if record["kind"] == "standard" else f"Say for which {_of(record)}."
        errors.append(FieldError("/target_id", said))
    if ends_early(record["valid_from"], record["valid_to"]):
        errors.append(FieldError("/valid_to", "Is before its first day."))
    if errors:
        raise PriceListUnsuitable(f"These do not fit each other: {errors[0].detail}", errors=errors)


def _of(record: Mapping[str, Any]) -> str:
    return "group" if record["kind"] == "group" else "customer"


def check_prices(prices: Sequence[Mapping[str, Any]]) -> None:
    """Raises PricesUnsuitable where a price names no listing or two, or ends before it begins."""
    errors: list[FieldError] = []
    for place, price in enumerate(prices):
        if ("listing_id" in price) == ("sku" in price):
            errors.append(FieldError(f"/prices/{place}", "Name the listing by its id or by its SKU."))
        if ends_early(price.get("valid_from"), price.get("valid_to")):
            errors.append(FieldError(f"/prices/{place}/valid_to", "Is before its first day."))
    refuse_prices(errors)


def check_known_once(prices: Sequence[Mapping[str, Any]]) -> None:
    """Raises PricesUnsuitable where a price's listing is not known (its `listing_id` is null), or one comes twice."""
    errors: list[FieldError] = []
    seen: set[tuple[Any, ...]] = set()
    for place, price in enumerate(prices):
        key = (price["listing_id"], price["min_quantity"], price["valid_from"])
        if price["listing_id"] is None:
            errors.append(FieldError(f"/prices/{place}", "There is no such listing."))
        elif key in seen:
            errors.append(FieldError(f"/prices/{place}", "Is there twice."))
        seen.add(key)
    refuse_prices(errors)


def refuse_prices(errors: Sequence[FieldError]) -> None:
    """Raises PricesUnsuitable where there is any error, and names the first twenty."""
    if errors:
        raise PricesUnsuitable(
            f"{len(errors)} of the prices cannot be set, so none was; correct them and send all again.",
            errors=errors[:20],
        )


def ends_early(first: date | None, last: date | None) -> bool:
    """Whether the last day is before the first."""
    return first is not None and last is not None and last < first
