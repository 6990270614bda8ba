"""Events of the roles that contacts can have."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, draft, types_of

RoleVerb = Literal["created", "updated", "deleted"]

PUBLISHES = types_of("contact_role", ("created", "updated", "deleted"))

_FIELDS = ("id", "code", "label", "position")


def contact_role(verb: RoleVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A role of the list; contacts carry its code."""
    return draft("contact_role", verb, record, _FIELDS, changes=changes)
