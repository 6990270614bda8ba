"""Events of listings: the whole of one, as it is offered now."""

from common.money import to_money
from common.outbox import Draft
from ordering.events.drafts import Changes, Record, draft, plain_changes, types_of

PUBLISHES = types_of("listing", ("created", "updated", "published", "paused", "retired"))

FIELDS = (
    *("id", "sku", "name", "description", "kind", "unit", "category", "components", "owner_id", "audience", "status"),
    *("backorder_policy", "backorder_cap", "lead_days", "preorderable", "available_from", "preorder_from"),
    *("preorder_until", "return_days", "confirmation", "created_at", "updated_at"),
)


def listing(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A listing and what changed of it. It keeps its own order: what it says holds for every customer."""
    own_price = to_money(record["price_minor"], record["price_currency"])
    more = {"own_price": own_price, "changes": plain_changes(changes)}
    return draft("listing", verb, record, FIELDS, more=more)
