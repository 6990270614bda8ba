"""Events of standing orders: each carries the whole of one, and what its last day has brought."""

from common.outbox import Draft
from ordering.events.drafts import Changes, Record, draft, plain_changes, types_of

VERBS = ("created", "updated", "paused", "resumed", "ended", "ordered", "refused")
PUBLISHES = types_of("standing_order", VERBS)

_FIELDS = (
    *("id", "customer_id", "name", "owner", "owner_label", "status", "lines", "every", "unit", "starts_on", "next_on"),
    *("ends_on", "po_number", "ship_to", "note", "last_outcome", "last_code", "last_detail", "last_order_id"),
    "last_on",
)


def standing_order(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A standing order as it is now."""
    more = {"changes": plain_changes(changes)}
    return draft("standing_order", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)
