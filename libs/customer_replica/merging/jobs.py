"""The job that looks for what was written for merged customers by who had not heard of their merge."""

from collections.abc import Sequence
from threading import Event as Stop

from common.context import context_for
from common.db import Database
from customer_replica.merging.handlers import Prepare, follow_late_rows, nothing_first
from customer_replica.merging.parts import Part

EVERY_SECONDS = 600.0


class LateRows:
    """Moves them on. Any number of workers may run it."""

    def __init__(self, database: Database, parts: Sequence[Part], prepare: Prepare = nothing_first) -> None:
        self._database = database
        self._parts = parts
        self._prepare = prepare

    def run(self, _stop: Stop) -> bool:
        """One look."""
        context = context_for("system:merges", "Customer merges")
        self._database.run(lambda session: follow_late_rows(session, self._parts, self._prepare), context=context)
        return False
