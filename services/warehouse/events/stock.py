"""Events of a balance of stock: one article and owner in one warehouse."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from common.outbox import Draft

StockVerb = Literal["received", "adjusted", "counted"]

PUBLISHES = frozenset(f"warehouse.stock.{verb}.v1" for verb in ("received", "adjusted", "counted"))

_FIELDS = ("id", "warehouse_id", "sku", "owner_id", "on_hand", "reserved", "allocated")


def stock(
    verb: StockVerb,
    balance: Mapping[str, Any],
    change: int,
    reason: str | None,
    at_risk: Sequence[Mapping[str, Any]] = (),
) -> Draft:
    """A balance as it is now; `at_risk` are the allocations whose goods are missing."""
    missing = balance["allocated"] - balance["on_hand"]
    data = {name: balance[name] for name in _FIELDS} | {
        "available": balance["on_hand"] - balance["reserved"] - balance["allocated"] - balance["safety_stock"],
        "change": change,
        "reason": reason,
        "shortfall": {"quantity": missing, "at_risk": list(at_risk)} if missing > 0 else None,
    }
    return Draft(f"warehouse.stock.{verb}.v1", balance["id"], balance["version"], data, balance["customer_id"] or "")
