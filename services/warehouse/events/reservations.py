"""Events of what an order is promised."""

from typing import Any

from common.clock import rfc3339
from common.outbox import Draft
from warehouse.domain.promises import Line, Reservation

PUBLISHES = frozenset(
    f"warehouse.reservation.{verb}.v1" for verb in ("made", "allocated", "released", "expired", "shipped")
)


def reservation(verb: str, promised: Reservation) -> Draft:
    """All that an order is promised, as it is now."""
    data = {
        "order_id": promised.order_id,
        "order_number": promised.order_number,
        "customer_id": promised.customer_id,
        "order_version": promised.order_version,
        "state": promised.state,
        "expires_at": rfc3339(promised.expires_at) if promised.expires_at else None,
        "lines": [_line(line) for line in promised.in_order],
    }
    return Draft(f"warehouse.reservation.{verb}.v1", promised.order_id, promised.version, data, promised.customer_id)


def _line(line: Line) -> dict[str, Any]:
    used = [source for source in line.sources.values() if source.reserved or source.allocated or source.shipped]
    places = {source.warehouse_id for source in used}
    return {
        "line_id": line.id,
        "sku": line.sku,
        "warehouse_id": places.pop() if len(places) == 1 else None,
        "quantity": line.quantity,
        "reserved": line.reserved,
        "allocated": line.allocated,
        "backordered": line.backordered,
        "shipped": line.shipped,
        "promised_on": line.promised_on,
        "short": line.short,
        "sources": [
            {
                "warehouse_id": source.warehouse_id,
                "reserved": source.reserved,
                "allocated": source.allocated,
                "shipped": source.shipped,
            }
            for source in used
        ],
    }
