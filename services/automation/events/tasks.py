"""Events of tasks."""

from automation.events.drafts import Changes, Record, draft, types_of
from common.outbox import Draft

PUBLISHES = types_of("task", ("created", "updated", "closed"))

_FIELDS = (
    *("id", "customer_id", "audience", "title", "note", "due_on", "assignee", "status", "run_id", "chain_id"),
    *("created_at", "closed_at"),
)


def task(verb: str, record: Record, changes: Changes = ()) -> Draft:
    """A task as it is now, and what changed of it."""
    return draft("task", verb, record, _FIELDS, record["customer_id"], changes=[dict(one) for one in changes])
