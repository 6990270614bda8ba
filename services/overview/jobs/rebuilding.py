"""Rebuilding: a new generation is filled from the owners' logs beside the one that serves, and takes its place.

Its consumer has queues of its own, to which the owners' replays and every new event go. When it has handled whatever
the serving generation has, the two change places in one moment; readers see the old rows or the new, never a mixture.
"""

import time
from collections.abc import Callable
from threading import Event as Stop

from sqlalchemy.exc import DBAPIError

from common import outbox
from common.bus.port import Transport
from common.db import Database
from common.locks import lock_class
from common.service import Service
from common.worker import Worker
from overview import events
from overview.domain.names import consumer_of
from overview.errors import RebuildRunning
from overview.use_cases import generations
from overview.use_cases.generations import Progress

_LOOK_EVERY = 0.5
_DROP_TRIES = 10
_ASK_AGAIN_SECONDS = 60.0  # without any progress; who was asked may have died meanwhile
_LOCK = lock_class("overview rebuild")


class Rebuild:
    """One rebuild. `filling(number)` gives the service as it fills that generation."""

    def __init__(self, database: Database, transport: Transport, filling: Callable[[int], Service]) -> None:
        """Creates the generation and starts its consumer, to which the owners send their logs once they are asked.
        Raises RebuildRunning."""
        self._database = database
        self._transport = transport
        self._guard = database.connect()
        locked = self._guard.execute("SELECT pg_try_advisory_lock(%s, 0)", [_LOCK]).fetchone()
        if locked is None or not locked[0]:
            self._guard.close()
            raise RebuildRunning("Another rebuild is running; wait for it, or stop it.")
        for left_over in database.run(generations.others):
            transport.remove(consumer_of(left_over))
            generations.drop(database, left_over)
        self.number = database.run(generations.begin)
        self.consumer = consumer_of(self.number)
        self._worker = Worker(filling(self.number), transport, self.consumer)
        self._worker.start()

    def run(self, stop: Stop, told: Callable[[Progress], None]) -> bool:
        """Waits until nothing is lacking, then lets the new generation serve and drops the old one. Returns False, with
        everything as it was before, where `stop` came first. `told` hears of the progress."""
        try:
            swapped = self._wait(stop, told)
        finally:
            self._worker.stop()
            self._transport.remove(self.consumer)
        if swapped:
            generations.forget_consumer(self._database, self.number)
        for number in self._database.run(generations.others):
            self._drop(number, stop)
        self._guard.close()
        return swapped

    def _wait(self, stop: Stop, told: Callable[[Progress], None]) -> bool:
        done, asked_at = 0, float("-inf")
        while not stop.wait(_LOOK_EVERY):
            progress = self._database.run(lambda session: generations.progress(session, self.number))
            told(progress)
            now = time.monotonic()
            if progress.done > done and asked_at > float("-inf"):
                done, asked_at = progress.done, now
            if now - asked_at > _ASK_AGAIN_SECONDS and self._worker.health().ready:
                self._ask_owners()
                asked_at = now
            if progress.done >= progress.total and self._swap():
                return True
        return False

    def _ask_owners(self) -> None:
        """By an event, which the worker of each owner answers."""
        request = events.replay_requested(self.consumer)
        self._database.run(lambda session: outbox.add(session, request))

    def _swap(self) -> bool:
        try:
            return generations.try_swap(self._database, self.number)
        except DBAPIError as error:
            # Busy for longer than handlers would wait; the next look tries again.
            if getattr(error.orig, "sqlstate", None) in {"55P03", "57014", "40P01"}:
                return False
            raise

    def _drop(self, number: int, stop: Stop) -> None:
        for tries_left in reversed(range(_DROP_TRIES)):
            try:
                generations.drop(self._database, number)
            except DBAPIError:
                if not tries_left:
                    raise
                stop.wait(_LOOK_EVERY)
            else:
                return
