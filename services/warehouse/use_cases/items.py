"""Articles as they are offered, replicated from ordering."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common import replicas
from warehouse.tables.stock import replica_items

_KEPT = ("sku", "name", "unit", "kind", "backorder_policy", "status", "return_days")
_DATED = ("lead_days", "preorderable", "available_from")


def remember_item(session: Session, listing: Mapping[str, Any], version: int) -> None:
    """Keeps what stock shows of an article, and what decides on which day it is promised."""
    values = {name: listing[name] for name in (*_KEPT, *_DATED)}
    replicas.put(session, replica_items, {"id": listing["id"]}, version, values)
