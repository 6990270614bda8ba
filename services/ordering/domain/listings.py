"""Listings: what can be said of one, and its way from draft to retired."""

from collections.abc import Mapping
from typing import Any, Final

from common.errors import FieldError
from customer_rules.folding import fold
from ordering.errors.listings import ListingStatusWrong, ListingUnsuitable

KINDS: Final = ("stock", "service", "internal")
AUDIENCES: Final = ("global", "tree", "explicit")
STATUSES: Final = ("draft", "published", "paused", "retired")
BACKORDER_POLICIES: Final = ("none", "limited", "unlimited")
CONFIRMATIONS: Final = ("owner", "automatic")
COMPONENT_KINDS: Final = ("goods", "work", "recurring")
PERIODS: Final = ("month", "quarter", "year")

MAX_COMPONENTS: Final = 50
LENGTHS: Final = {"sku": 60, "name": 200, "description": 4_000, "unit": 30, "category": 80, "note": 300, "query": 100}

# Each step: its event's verb, what it leads to, and from where.
_STEPS: Final = {
    "published": ("published", ("draft", "paused")),
    "paused": ("paused", ("published",)),
    "retired": ("retired", ("draft", "published", "paused")),
}
_SAID: Final = {
    "published": "Only a draft or a paused listing can be published",
    "paused": "Only a published listing can be paused",
    "retired": "It is retired already",
}

LABELS: Final = {
    "name": "Name",
    "description": "Description",
    "unit": "Unit",
    "category": "Category",
    "components": "Components",
    "audience": "Audience",
    "status": "Status",
    "backorder_policy": "Back-orders",
    "backorder_cap": "Most on back-order",
    "lead_days": "Days to deliver a back-order",
    "preorderable": "Pre-orders",
    "available_from": "Available from",
    "preorder_from": "Pre-orders from",
    "preorder_until": "Pre-orders until",
    "return_days": "Days to return it",
    "confirmation": "Confirmation of its orders",
}


def moved(status: str, verb: str) -> str:
    """The status after a step, named by its event's verb; raises ListingStatusWrong."""
    after, before = _STEPS[verb]
    if status not in before:
        raise ListingStatusWrong(f"{_SAID[verb]}; this one is {status}.", facts={"status": status})
    return after


def check_open(status: str) -> None:
    """Raises ListingStatusWrong where the listing is retired."""
    if status == "retired":
        raise ListingStatusWrong("A retired listing stays as it is; make a new one.", facts={"status": status})


def check_listing(record: Mapping[str, Any]) -> None:
    """Raises ListingUnsuitable with every field that does not fit the others."""
    errors = [FieldError(pointer, detail) for pointer, detail, wrong in _faults(record) if wrong]
    if errors:
        raise ListingUnsuitable(f"These do not fit each other: {errors[0].detail}", errors=errors)


def _faults(record: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    limited, cap = record["backorder_policy"] == "limited", record["backorder_cap"]
    first, last = record["preorder_from"], record["preorder_until"]
    internal, owner = record["kind"] == "internal", record["owner_id"]
    return [
        ("/backorder_cap", "Limited back-orders need a cap.", limited and cap is None),
        ("/backorder_cap", "Only limited back-orders have a cap.", not limited and cap is not None),
        (
            "/audience",
            "Only what a customer sells can be for its own tree.",
            record["audience"] == "tree" and not owner,
        ),
        (
            "/own_price",
            "What the provider sells is priced in price lists.",
            record["price_minor"] is not None and not owner,
        ),
        ("/owner_id", "An internal listing belongs to a customer.", internal and not owner),
        (
            "/audience",
            "An internal listing is for a tree or named customers.",
            internal and record["audience"] == "global",
        ),
        (
            "/available_from",
            "What can be pre-ordered needs the day from which it is available.",
            record["preorderable"] and record["available_from"] is None,
        ),
        ("/preorder_until", "Is before its first day.", first is not None and last is not None and last < first),
    ]


def check_components(components: list[dict[str, Any]]) -> None:
    """Raises ListingUnsuitable unless exactly the recurring charges have a period."""
    errors = [
        FieldError(f"/components/{place}/period", f"{'Is needed for' if recurring else 'Only'} a recurring charge.")
        for place, component in enumerate(components)
        if (recurring := component["kind"] == "recurring") != (component.get("period") is not None)
    ]
    if errors:
        raise ListingUnsuitable("A recurring charge needs a period, and nothing else has one.", errors=errors)


def words_of(record: Mapping[str, Any]) -> str:
    """What the search looks through, folded."""
    return fold(" ".join(filter(None, (record["sku"], record["name"], record["category"], record["description"]))))
