"""Approvals about which nobody has decided in time."""

from threading import Event as Stop

from common.context import context_for
from common.db import Database
from ordering.use_cases.escalation import escalate

EVERY_SECONDS = 60.0
_PORTION = 100


class Escalation:
    """Reminds those who may decide, then asks others, too; it never decides. Any number of workers may run it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        context = context_for("system:approvals", "Approvals").bulk()
        return (
            self._database.run(lambda session: escalate(session, _PORTION), context=context) > 0 and not stop.is_set()
        )
