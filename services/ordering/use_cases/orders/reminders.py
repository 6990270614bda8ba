"""Orders about which nobody has decided are told of before they expire: each once since it was submitted."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from ordering.events import orders as events
from ordering.use_cases.orders import store


def remind(session: Session, pending_days: int, days_before: int, portion: int) -> int:
    """Tells of orders that expire within `days_before`, of `portion` at the most; returns of how many."""
    now = store.moment(session)
    pending = timedelta(days=pending_days)
    values = {
        "now": now,
        "ended": now - pending,
        "soon": now - pending + timedelta(days=days_before),
        "portion": portion,
    }
    ids = session.execute(_REMINDED, values).scalars().all()
    for order in store.read(session, ids):
        outbox.add(session, events.order_expiring(order.row, order.lines, order.row["placed_at"] + pending))
    return len(ids)


_REMINDED = text(
    """
    UPDATE orders SET reminded_at = :now, updated_at = :now, version = version + 1
    WHERE id IN (
        SELECT id FROM orders
        WHERE status IN ('pending_approval', 'pending_confirmation')
          AND placed_at >= :ended AND placed_at < :soon AND (reminded_at IS NULL OR reminded_at < placed_at)
        ORDER BY placed_at LIMIT :portion FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id::text
    """
)
