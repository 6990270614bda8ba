"""Events of location groups."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, draft, types_of

LocationGroupVerb = Literal["created", "updated", "deleted"]

PUBLISHES = types_of("location_group", ("created", "updated", "deleted"))

_FIELDS = ("id", "parent_id", "name")


def location_group(verb: LocationGroupVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A location group; what is below it refers to it."""
    return draft("location_group", verb, record, _FIELDS, changes=changes)
