"""Events of claims: each carries the whole claim."""

from collections.abc import Mapping
from typing import Any

from common.clock import rfc3339
from common.outbox import Draft
from warehouse.domain.claims import credit_pending, quantity_replaced

VERBS = ("requested", "accepted", "denied", "cancelled", "moved")
PUBLISHES = frozenset(f"warehouse.claim.{verb}.v1" for verb in VERBS)

_FIELDS = (
    *("id", "number", "customer_id", "status", "shipment_id", "shipment_number", "line_id", "order_id"),
    *("order_number", "sku", "name", "kind", "quantity", "quantity_accepted", "resolution", "granted"),
    *("replacement_sku", "files", "note", "reason", "override_reason"),
)


def claim(verb: str, record: Mapping[str, Any], **more: Any) -> Draft:
    """A claim as it is now. `credit_pending` tells that a credit was granted, `quantity_replaced` how many are to be
    sent once more; `changes` besides where it belongs to another customer."""
    data = {name: record[name] for name in _FIELDS} | {
        "credit_pending": credit_pending(record),
        "quantity_replaced": quantity_replaced(record),
        "created_at": rfc3339(record["created_at"]),
        "decided_at": rfc3339(record["decided_at"]) if record["decided_at"] else None,
        **more,
    }
    return Draft(f"warehouse.claim.{verb}.v1", record["id"], record["version"], data, record["customer_id"])
