"""Events of pre-orders: each is about one line of an order."""

from common.outbox import Draft
from warehouse.domain.promises import Line, Reservation

DATE_CHANGED = "warehouse.preorder.date_changed.v1"
PUBLISHES = frozenset([DATE_CHANGED])


def date_changed(order: Reservation, line: Line, before: str, cause: str) -> Draft:
    """The day that was promised to a pre-order is another one now."""
    data = {
        "line_id": line.id,
        "order_id": order.order_id,
        "order_number": order.order_number,
        "customer_id": order.customer_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.backordered,
        "before": before,
        "after": line.promised_on,
        "cause": cause,
    }
    # The first promise of a line is no change.
    return Draft(DATE_CHANGED, line.id, line.dates - 1, data, order.customer_id)
