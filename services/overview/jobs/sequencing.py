"""Numbering what has arrived: one worker at a time, woken when events have taken effect."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import psycopg

from common.db import Database
from common.locks import lock_class
from overview.domain.names import SEEN
from overview.use_cases.arrivals import BATCH, number_arrivals

_LOCK = lock_class("overview arrivals")
_COALESCE_SECONDS = 0.02


class Sequencer:
    """The job of a worker that numbers arrivals while its process holds the lock; the others wait to take over."""

    def __init__(self, database: Database, arrived: Callable[[], None]) -> None:
        """`arrived` is called after numbers were given."""
        self._database = database
        self._arrived = arrived
        self._connection: psycopg.Connection[Any] | None = None

    def run(self, stop: Stop) -> bool:
        """One round: waits shortly for news, then numbers what waits. Returns whether there may be more."""
        if not self._holds_lock():
            return False
        assert self._connection is not None
        if self._round() or stop.is_set():
            return not stop.is_set()
        try:
            for _ in self._connection.notifies(timeout=0.5, stop_after=1):
                # Those that take effect in this moment share the next round.
                stop.wait(_COALESCE_SECONDS)
        except psycopg.OperationalError:
            self._release()
        return not stop.is_set()

    def _round(self) -> bool:
        taken, numbered = self._database.run(number_arrivals)
        if numbered:
            self._arrived()
        return taken == BATCH

    def _holds_lock(self) -> bool:
        try:
            if self._connection is None:
                connection = self._database.connect()
                found = connection.execute("SELECT pg_try_advisory_lock(%s, 0)", [_LOCK]).fetchone()
                if found is None or not found[0]:
                    connection.close()
                    return False
                connection.execute(f"LISTEN {SEEN}")
                self._connection = connection
            self._connection.execute("SELECT 1")
        except psycopg.OperationalError:
            self._release()
            return False
        return True

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
