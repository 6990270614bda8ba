"""What has been waiting too long for its other side: reservations without an open order, orders without an answer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import rfc3339
from common.paging import CursorInvalid, read_values, write_cursor
from common.web import Page

KINDS = ("reservation_without_order", "order_without_reservation")
MINUTES = 10


def orphans_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """The orphans, the oldest first. There must be none."""
    after = _position(read_values(cursor, scope)) if cursor else (None, None, None)
    values = dict(zip(("since", "order", "kind"), after, strict=True)) | {"minutes": MINUTES, "limit": limit + 1}
    rows = [dict(row) for row in session.execute(_ORPHANS, values).mappings()]
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = write_cursor([rfc3339(last["since"]), last["order_id"], last["kind"]], scope)
    return Page(rows[:limit], following)


def _position(values: Sequence[Any]) -> tuple[str, str, str]:
    match values:
        case [str(since), str(order_id), str(kind)]:
            return since, order_id, kind
    raise CursorInvalid("The cursor belongs to another list; start again without one.")


def count_orphans(session: Session, minutes: int = MINUTES) -> dict[str, int]:
    """How many there are of each kind."""
    found = {row.kind: int(row.number) for row in session.execute(_COUNT, {"minutes": minutes})}
    return {kind: found.get(kind, 0) for kind in KINDS}


# An order that waits for an answer is overdue by the moment of what it asked: its last change is not younger. Orders of
# services alone ask nothing.
_EACH = """
    SELECT 'reservation_without_order' AS kind, r.order_id::text, r.order_number AS number, r.customer_id::text,
           o.status, r.state AS reservation_state, r.received_at AS since
    FROM replica_reservations r LEFT JOIN orders o ON o.id = r.order_id
    WHERE r.state IN ('active', 'allocated') AND r.received_at < now() - make_interval(mins => :minutes)
      AND (o.id IS NULL OR o.status IN ('draft', 'completed', 'rejected', 'cancelled', 'expired'))
    UNION ALL
    SELECT 'order_without_reservation', o.id::text, o.number, o.customer_id::text, o.status, r.state, o.updated_at
    FROM orders o LEFT JOIN replica_reservations r ON r.order_id = o.id
    WHERE o.status IN ('pending_approval', 'pending_confirmation', 'confirmed', 'cancelling')
      AND o.updated_at < now() - make_interval(mins => :minutes)
      AND (r.order_id IS NULL
           OR r.order_version < o.asked_version
           OR o.status IN ('confirmed', 'cancelling') AND r.state IN ('released', 'expired'))
      AND EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id AND l.kind = 'stock'
                  AND l.quantity > l.quantity_shipped + l.quantity_cancelled)
"""
_ORPHANS = text(
    f"""
    SELECT * FROM ({_EACH}) found
    WHERE CAST(:since AS timestamptz) IS NULL OR (since, order_id, kind) > (CAST(:since AS timestamptz), :order, :kind)
    ORDER BY since, order_id, kind LIMIT :limit
    """  # noqa: S608  # our own text
)
_COUNT = text(f"SELECT kind, count(*) AS number FROM ({_EACH}) found GROUP BY kind")  # noqa: S608  # our own text
