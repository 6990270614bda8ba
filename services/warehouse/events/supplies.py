"""Events of inbound supplies: each carries the whole supply, and how its article stands with pre-orders."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from common.outbox import Draft

SupplyVerb = Literal["expected", "updated", "received", "cancelled"]

PUBLISHES = frozenset(f"warehouse.supply.{verb}.v1" for verb in ("expected", "updated", "received", "cancelled"))

_FIELDS = ("id", "warehouse_id", "sku", "quantity", "preorder_quantity", "received", "reference", "status")


def supply(
    verb: SupplyVerb,
    record: Mapping[str, Any],
    *,
    preordered: int,
    short: int,
    changes: Sequence[Mapping[str, Any]] = (),
) -> Draft:
    """A supply as it is now. `preordered` waits for the article, and for `short` of it nothing is named any more."""
    data = {name: record[name] for name in _FIELDS} | {
        "expected_on": record["expected_on"].isoformat(),
        "preordered": preordered,
        "short": short,
        "changes": list(changes),
    }
    return Draft(f"warehouse.supply.{verb}.v1", record["id"], record["version"], data, "")
