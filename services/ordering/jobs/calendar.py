"""What happens because a day has come."""

from collections.abc import Callable, Sequence
from threading import Event as Stop

from sqlalchemy.orm import Session

from common.context import context_for
from common.db import Database
from ordering.use_cases import contracts, quotes
from ordering.use_cases.services import commands

EVERY_SECONDS = 60.0

STEPS: Sequence[tuple[Callable[[Session], int], int]] = (
    (commands.advance, commands.PORTION),
    (contracts.advance, contracts.PORTION),
    (quotes.expire, quotes.PORTION),
)


class Calendar:
    """Ends and renews what is due. Any number of workers may run it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One portion of each; returns whether there may be more."""
        context = context_for("system:calendar", "Calendar").bulk()
        more = [self._database.run(step, context=context) >= portion for step, portion in STEPS]
        return any(more) and not stop.is_set()
