"""Events of contracts: each carries the whole contract."""

from common.outbox import Draft
from ordering.events.drafts import Changes, Record, draft, plain_changes, types_of

VERBS = ("created", "updated", "activated", "renewed", "ended")
PUBLISHES = types_of("contract", VERBS)

_FIELDS = (
    *("id", "number", "customer_id", "name", "status", "valid_from", "valid_to", "price_list_id", "listing_ids"),
    *("categories", "renewal", "renewal_months", "notice_days", "terms", "file_id", "note", "reason", "activated_at"),
    "ended_on",
)


def contract(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A contract as it is now, and what was changed of it."""
    more = {"changes": plain_changes(changes)}
    return draft("contract", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)
