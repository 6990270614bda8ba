"""Events of saved filters."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, draft, types_of

FilterVerb = Literal["created", "updated", "deleted"]

PUBLISHES = types_of("saved_filter", ("created", "updated", "deleted"))

_FIELDS = ("id", "owner", "name", "rule", "query", "sort", "columns", "audience", "role", "pinned")


def saved_filter(verb: FilterVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A saved filter with whose it is and who else sees it."""
    return draft("saved_filter", verb, record, _FIELDS, changes=changes)
