"""Events of cost centres."""

from common.outbox import Draft
from ordering.events.drafts import Changes, Record, draft, plain_changes, types_of

PUBLISHES = types_of("cost_centre", ("created", "updated"))

_FIELDS = ("id", "customer_id", "code", "name", "owner_id", "active")


def cost_centre(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A cost centre of a customer and of all below it."""
    more = {"changes": plain_changes(changes)}
    return draft("cost_centre", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)
