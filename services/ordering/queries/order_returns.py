"""What is to come back of an order, or came back, as the warehouse has told it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordering.tables.orders import replica_returns

_SHOWN = select(
    *(replica_returns.c[name] for name in ("id", "number", "status", "dedicated", "created_at", "ended_at", "lines"))
)


def returns_of(session: Session, order_id: str) -> list[dict[str, Any]]:
    """The returns of an order, the newest first, each with the lines that are of it."""
    of_order = _SHOWN.where(replica_returns.c.order_ids.overlap([order_id])).order_by(replica_returns.c.id.desc())
    return [_shown(row, order_id) for row in session.execute(of_order).mappings()]


def _shown(row: Mapping[Any, Any], order_id: str) -> dict[str, Any]:
    return {**row, "lines": [line for line in row["lines"] if line["order_id"] == order_id]}
