"""Soft reservations end by themselves, so that nothing is held for an order of which nothing more is heard."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.records import moment
from warehouse.domain.orders import expire
from warehouse.domain.promises import ACTIVE
from warehouse.use_cases.promises import Promises

PORTION = 100


def expire_due(session: Session) -> int:
    """Ends the soft reservations of a portion of orders whose time is over; returns how many."""
    due = session.execute(_DUE, {"now": moment(session), "most": PORTION}).all()
    if not due:
        return 0
    promises = Promises(session, orders={row.order_id: row.customer_id for row in due})
    ended = 0
    for row in due:
        reservation = promises.reservations[row.order_id]
        # Since it was found due, its order may have been confirmed, or heard of again.
        if reservation.state == ACTIVE and reservation.expires_at and reservation.expires_at <= promises.now:
            promises.tell(expire(reservation, promises.stock), reservation)
            ended += 1
    promises.serve_waiting()
    promises.save()
    return ended


_DUE = text(
    """
    SELECT order_id::text, customer_id::text FROM order_reservations
    WHERE state = 'active' AND expires_at <= :now ORDER BY expires_at LIMIT :most
    """
)
