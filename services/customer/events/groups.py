"""Events of customer groups."""

from typing import Literal

from common.outbox import Draft
from customer.events.drafts import Changes, Record, types_of

GroupVerb = Literal["created", "updated", "deleted"]

PUBLISHES = types_of("group", ("created", "updated", "deleted"))


def group(verb: GroupVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A customer group; its members carry its id."""
    data = {"id": record["id"], "name": record["name"], "changes": list(changes)}
    return Draft(f"customer.group.{verb}.v1", record["id"], record["version"], data)
