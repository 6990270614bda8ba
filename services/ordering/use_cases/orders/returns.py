"""What came back of orders, as the warehouse tells it: in any order and any number of times."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import replicas
from customer_replica.merging import customer_now
from ordering.domain import order_lines
from ordering.domain.exchanges import RETURN, Origin, Wanted
from ordering.domain.orders import DRAFT
from ordering.tables.orders import replica_returns
from ordering.use_cases.orders import endings, exchanges, store

Data = Mapping[str, Any]

_HEAD = ("number", "status", "order_ids", "dedicated", "created_at", "ended_at")
_LINE = (
    *("order_id", "line_id", "sku", "name", "reason", "resolution", "quantity_requested", "quantity_authorized"),
    *("quantity_received", "quantity_accepted", "quantity_rejected"),
)
_REPLACED = "quantity_replaced"  # told since exchanges are


def return_changed(session: Session, customer_id: str, version: int, data: Data) -> None:
    """Keeps a return for who looks at its orders, counts what was accepted of it on their lines, also of those that are
    completed, gives it back to purchase limits, and orders what is to be sent instead. An older state changes
    nothing."""
    orders = [store.find(session, order_id) for order_id in sorted(data["order_ids"])]
    lines = [
        {name: line[name] for name in _LINE} | {_REPLACED: line.get(_REPLACED, 0)}
        for line in data["lines"]
        if line["order_id"]
    ]
    values = {name: data[name] for name in _HEAD}
    # Its orders know whose it is, whatever the warehouse has heard of a merge by now.
    owner = next((order.row["customer_id"] for order in orders if order), None) or customer_now(session, customer_id)
    replicas.put(session, replica_returns, {"id": data["id"]}, version, values | {"customer_id": owner, "lines": lines})
    replicas.flush(session)
    accepted = {
        str(row.line_id): int(row.quantity) for row in session.execute(_ACCEPTED, {"orders": sorted(data["order_ids"])})
    }
    for order in orders:
        if order is None or order.status == DRAFT:
            continue
        counted = order_lines.returned(order.lines, accepted)
        if counted != order.lines:
            before, order.lines = order.lines, counted
            endings.give_back_returned(session, order, before)
            store.save(session, order, "progressed")
    wanted = [
        Wanted(line["line_id"], line[_REPLACED], line.get("replacement_sku"))
        for line in data["lines"]
        if line["order_id"] and line.get(_REPLACED)
    ]
    if wanted:
        origin = Origin(RETURN, data["id"], data["number"])
        exchanges.replace(session, origin, [order for order in orders if order is not None], wanted)


_ACCEPTED = text(
    """
    SELECT line->>'line_id' AS line_id, sum((line->>'quantity_accepted')::bigint) AS quantity
    FROM replica_returns, jsonb_array_elements(lines) AS line
    WHERE order_ids && CAST(:orders AS uuid[]) GROUP BY 1
    """
)
