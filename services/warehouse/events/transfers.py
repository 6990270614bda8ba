"""Events of transfers between warehouses; costs are not in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from common.clock import rfc3339
from common.outbox import Draft

VERBS = ("requested", "approved", "dispatched", "received", "closed", "cancelled")
PUBLISHES = frozenset(f"warehouse.transfer.{verb}.v1" for verb in VERBS)

_FIELDS = ("id", "number", "from_id", "to_id", "customer_id", "status", "note", "reason")
_MOMENTS = ("created_at", "sent_at", "received_at", "ended_at")
_LINE_FIELDS = ("id", "position", "sku", "owner_id", "quantity", "received")


def transfer(verb: str, record: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Draft:
    """A transfer as it is now. `customer_id` is whose dedicated warehouse it leaves or goes to."""
    data = {name: record[name] for name in _FIELDS} | {
        **{name: rfc3339(record[name]) if record[name] else None for name in _MOMENTS},
        "lines": [{name: line[name] for name in _LINE_FIELDS} for line in lines],
    }
    return Draft(f"warehouse.transfer.{verb}.v1", record["id"], record["version"], data, record["customer_id"] or "")
