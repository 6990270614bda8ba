"""What happens at properties because a day has come."""

from threading import Event as Stop

from common.context import context_for
from common.db import Database
from customer.use_cases.due import advance

EVERY_SECONDS = 15.0


class Days:
    """Starts and ends assignments and executes moves on their day. Any number of workers may run it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        context = context_for("system:calendar", "Calendar").bulk()
        return self._database.run(advance, context=context) > 0 and not stop.is_set()
