"""What this service publishes: the whole entry after each change."""

from collections.abc import Mapping
from typing import Any

from common.outbox import Draft

ENTRY_CREATED = "automation.entry.created.v1"
ENTRY_CLOSED = "automation.entry.closed.v1"
PUBLISHES = frozenset([ENTRY_CREATED, ENTRY_CLOSED])


def entry(event_type: str, row: Mapping[str, Any]) -> Draft:
    """An entry as it is now."""
    data = {name: row[name] for name in ("id", "customer_id", "title", "status")}
    return Draft(event_type, row["id"], row["version"], data, row["customer_id"])
