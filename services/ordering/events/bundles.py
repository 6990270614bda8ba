"""Events of bundles: the whole of one."""

from common.outbox import Draft
from ordering.events.drafts import Changes, Record, draft, plain_changes, types_of

PUBLISHES = types_of("bundle", ("created", "updated", "deleted"))

_FIELDS = ("id", "customer_id", "name", "description", "for_role", "for_org_unit", "lines")


def bundle(verb: str, record: Record, *, changes: Changes = ()) -> Draft:
    """A bundle and what changed of it. A customer's stands in the order of that customer's events."""
    more = {"changes": plain_changes(changes)}
    return draft("bundle", verb, record, _FIELDS, customer_id=record["customer_id"], more=more)
