"""What every database forgets in time: idempotency keys after a day."""

from threading import Event as Stop

from common import idempotency
from common.db import Database

EVERY_SECONDS = 600.0
_PORTION = 5_000


def forget_old(database: Database, stop: Stop) -> bool:
    """Removes one portion; returns whether there may be more, as a job does."""
    removed = database.run(lambda session: idempotency.purge(session, _PORTION))
    return removed >= _PORTION and not stop.is_set()
