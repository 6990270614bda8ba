"""Events of the rules that add to catalogues or take from them."""

from common.outbox import Draft
from ordering.events.drafts import Record, draft, types_of

PUBLISHES = types_of("catalogue_rule", ("added", "removed"))

_FIELDS = ("id", "effect", "listing_id", "category", "target_kind", "target_id", "role", "note", "seller_id")


def catalogue_rule(verb: str, record: Record) -> Draft:
    """A rule as it is, or was when it was removed. A customer's stands in the order of that customer's events,
    what a seller says of a group in those of the seller."""
    customer_id = record["target_id"] if record["target_kind"] == "customer" else record["seller_id"]
    return draft("catalogue_rule", verb, record, _FIELDS, customer_id=customer_id)
