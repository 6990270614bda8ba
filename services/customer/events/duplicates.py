"""Events of pairs of possible duplicates."""

from common.outbox import Draft
from customer.events.drafts import Record

DUPLICATE_DISMISSED = "customer.duplicate.dismissed.v1"
PUBLISHES = frozenset([DUPLICATE_DISMISSED])


def duplicate_dismissed(record: Record) -> Draft:
    """Somebody decided that two customers are different ones."""
    data = {name: record[name] for name in ("id", "first_id", "second_id", "score", "reasons")}
    data["reason"] = record["dismissed_reason"]
    return Draft(DUPLICATE_DISMISSED, record["id"], record["version"], data, record["first_id"])
