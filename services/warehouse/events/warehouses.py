"""Events of warehouses."""

from collections.abc import Mapping
from typing import Any, Literal

from common.outbox import Draft

WarehouseVerb = Literal["created", "updated"]

PUBLISHES = frozenset(f"warehouse.warehouse.{verb}.v1" for verb in ("created", "updated"))

_FIELDS = ("id", "code", "name", "kind", "customer_id", "status", "address", "priority")


def warehouse(verb: WarehouseVerb, record: Mapping[str, Any]) -> Draft:
    """A warehouse as it is now."""
    data = {name: record[name] for name in _FIELDS}
    return Draft(f"warehouse.warehouse.{verb}.v1", record["id"], record["version"], data, record["customer_id"] or "")
