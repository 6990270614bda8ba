"""How much may wait for stock: a listing with a cap lets so many wait at once, over all orders together."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from ordering.domain.order_lines import missing
from ordering.use_cases.orders.store import Order


def keep_caps(session: Session, order: Order) -> None:
    """Takes back the leave to wait from lines of an order that is about to be confirmed, where with what waits already
    they would be more than the cap. Whoever decides about the same listing waits here until this one has."""
    capped = [line for line in order.lines if line["backorder_cap"] is not None and missing(line)]
    if not capped:
        return
    values = {"ids": sorted({line["listing_id"] for line in capped}), "order_id": order.id}
    session.execute(_ONE_AT_A_TIME, values)
    waiting = {row.listing_id: int(row.quantity) for row in session.execute(_WAITING, values)}
    for line in capped:
        now = waiting.get(line["listing_id"], 0) + missing(line)
        if now > line["backorder_cap"]:
            line["backorder_allowed"] = False
        else:
            waiting[line["listing_id"]] = now


_ONE_AT_A_TIME = text(
    """
    SELECT pg_advisory_xact_lock(hashtextextended('back-orders of ' || id, 4))
    FROM unnest(CAST(:ids AS text[])) AS id ORDER BY id
    """
)
_WAITING = text(
    """
    SELECT l.listing_id::text, sum(l.quantity - l.quantity_cancelled - l.quantity_shipped - l.quantity_reserved
                                   - l.quantity_allocated) AS quantity
    FROM order_lines l JOIN orders o ON o.id = l.order_id
    WHERE o.status = 'confirmed' AND l.listing_id = ANY (CAST(:ids AS uuid[])) AND l.backorder_cap IS NOT NULL
      AND l.backorder_allowed AND o.id <> CAST(:order_id AS uuid)
    GROUP BY 1
    """
)
