"""Documents that end are said in time, each once for 60, 30 and 7 days."""

from threading import Event as Stop

from common.context import context_for
from common.db import Database
from customer.use_cases.documents import PORTION, remind

EVERY_SECONDS = 3600.0


class Reminders:
    """Any number of workers may run it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        context = context_for("system:documents", "Reminder of documents").bulk()
        return self._database.run(remind, context=context) >= PORTION and not stop.is_set()
