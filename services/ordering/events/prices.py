"""Events of price lists. A list is told whole; of its prices those that changed, up to a bound, with their count."""

from collections.abc import Mapping, Sequence
from typing import Any

from common.outbox import Draft
from ordering.domain.price_lists import MAX_TOLD
from ordering.events.drafts import Changes, Record, draft, plain_changes, types_of

PUBLISHES = types_of("price_list", ("created", "updated", "prices_changed"))

_FIELDS = ("id", "code", "name", "kind", "target_id", "currency", "priority", "valid_from", "valid_to")


def price_list(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A price list and what changed of it. One customer's stands in the order of that customer's events."""
    return _draft(verb, record, {"changes": plain_changes(changes)})


def prices_changed(record: Record, prices: Sequence[Mapping[str, Any]]) -> Draft:
    """How many prices of a list were set or removed, and the first of them."""
    return _draft("prices_changed", record, {"count": len(prices), "prices": [*prices[:MAX_TOLD]]})


def _draft(verb: str, record: Record, more: Mapping[str, Any]) -> Draft:
    customer_id = record["target_id"] if record["kind"] in {"customer", "contract"} else None
    return draft("price_list", verb, record, _FIELDS, customer_id=customer_id, more=more)
