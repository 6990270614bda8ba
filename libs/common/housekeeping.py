"""What every database forgets in time: idempotency keys after a day, suspicions of a crash after two weeks."""

from threading import Event as Stop

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import idempotency
from common.db import Database

EVERY_SECONDS = 600.0
_PORTION = 5_000


def forget_old(database: Database, stop: Stop) -> bool:
    """Removes one portion of each; returns whether there may be more, as a job does."""
    removed = database.run(_forget)
    return removed >= _PORTION and not stop.is_set()


def _forget(session: Session) -> int:
    suspicions = session.execute(_DELIVERIES, {"portion": _PORTION})
    return max(idempotency.purge(session, _PORTION), int(suspicions.rowcount))  # type: ignore[attr-defined]


_DELIVERIES = text(
    "DELETE FROM deliveries WHERE (consumer, event_id) IN"
    " (SELECT consumer, event_id FROM deliveries WHERE last_at < now() - interval '14 days' LIMIT :portion)"
)
