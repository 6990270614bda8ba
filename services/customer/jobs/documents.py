"""Documents and certificates that end are said in time, each once for 60, 30 and 7 days."""

from threading import Event as Stop

from common.context import context_for
from common.db import Database
from customer.use_cases import documents, exemptions
from customer.use_cases.reminders import PORTION

EVERY_SECONDS = 3600.0


class Reminders:
    """Any number of workers may run it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One portion of each; returns whether there may be more."""
        context = context_for("system:documents", "Reminder of documents").bulk()
        said = [self._database.run(remind, context=context) for remind in (documents.remind, exemptions.remind)]
        return max(said) >= PORTION and not stop.is_set()
