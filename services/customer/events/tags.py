"""Events of tags. What a customer carries stands on the customer."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, draft, types_of

TagVerb = Literal["created", "updated", "merged", "deleted"]

PUBLISHES = types_of("tag", ("created", "updated", "merged", "deleted"))

_FIELDS = ("id", "name", "colour", "description", "archived", "merged_into")


def tag(verb: TagVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A tag; one that was merged names the tag that customers carry in its place."""
    return draft("tag", verb, record, _FIELDS, changes=changes)
