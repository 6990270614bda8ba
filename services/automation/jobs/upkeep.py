"""Waiting runs are carried out, and old ones forgotten."""

import logging
from functools import partial
from threading import Event as Stop

from automation.use_cases import running
from common.context import context_for
from common.db import Database
from common.handling import is_outage, reason_of

log = logging.getLogger(__name__)

RUNS_SECONDS = 0.5
FORGETTING_SECONDS = 3_600.0


class Runs:
    """Carries out what waits. Any number of workers may run it: a run is one worker's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        waiting = self._database.run(running.waiting_runs)
        for run_id in waiting:
            if stop.is_set():
                return False
            self._one(run_id)
        return len(waiting) == running.AT_ONCE

    def _one(self, run_id: str) -> None:
        context = context_for("system:runs", "Automation")
        try:
            self._database.run(lambda session: running.carry_out(session, run_id), context=context)
        except Exception as error:
            if is_outage(error):
                raise
            # What would fail again each time must not stop what waits behind it.
            log.exception("a run failed", extra={"run": run_id})
            self._database.run(partial(running.fail, run_id=run_id, error=reason_of(error)), context=context)


class Forgetting:
    """Deletes what ended long ago."""

    def __init__(self, database: Database, days: int) -> None:
        self._database = database
        self._days = days

    def run(self, stop: Stop) -> bool:
        """One portion; returns whether there may be more."""
        return self._database.run(lambda session: running.forget_old(session, self._days)) > 0 and not stop.is_set()
