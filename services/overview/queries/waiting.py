"""Waiting until an event has taken effect: one listening connection per process, whatever the number of waiters.

Requests hold no pooled connection while they wait.
"""

import logging
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from common.db import Database
from overview.domain.names import ARRIVED, CONSUMER, SEEN
from overview.errors import TooManyWaiting

log = logging.getLogger(__name__)

_LINGER = 30.0
_LOOK_EVERY = 0.25  # a notification that got lost costs this much

# An event that is held back has been taken, but has no effect yet.
_HANDLED = """
    SELECT event_id::text FROM inbox
    WHERE consumer = %s AND event_id = ANY (%s::uuid[])
      AND NOT EXISTS (SELECT 1 FROM held WHERE held.consumer = inbox.consumer AND held.event_id = inbox.event_id)
"""


class Watch:
    """Tells when events were handled, and when arrivals were numbered. Its thread starts with the first waiter, so that
    it is safe to build before a fork, and ends when nobody has waited for a while."""

    def __init__(self, database: Database, *, most_waiting: int) -> None:
        self._database = database
        self._most_waiting = most_waiting
        self._news = threading.Condition()
        self._wanted: dict[str, int] = {}
        self._seen: set[str] = set()
        self._arrivals = 0
        self._waiting = 0
        self._asked_at = 0.0
        self._pipe: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None

    def wait_for_event(self, event_id: str, seconds: float) -> bool:
        """Returns whether the event has taken effect, after `seconds` at the latest; raises TooManyWaiting."""
        with self._waiter(), self._wanting(event_id):
            return self._news.wait_for(lambda: event_id in self._seen, seconds)

    def wait_for_arrivals(self, known: int, seconds: float) -> None:
        """Returns once arrivals were numbered after `known`, a value of `arrivals_told`; raises TooManyWaiting."""
        with self._waiter():
            self._news.wait_for(lambda: self._arrivals != known, seconds)

    @property
    def arrivals_told(self) -> int:
        """Changes whenever numbers were given; read it before looking at the table."""
        with self._news:
            self._start()
            return self._arrivals

    @contextmanager
    def _waiter(self) -> Iterator[None]:
        with self._news:
            if self._waiting >= self._most_waiting:
                raise TooManyWaiting("Too many requests wait already; read without `after`, or again in a second.")
            self._waiting += 1
            self._start()
            try:
                yield
            finally:
                self._waiting -= 1

    @contextmanager
    def _wanting(self, event_id: str) -> Iterator[None]:
        self._wanted[event_id] = self._wanted.get(event_id, 0) + 1
        self._wake_up()
        try:
            yield
        finally:
            self._wanted[event_id] -= 1
            if not self._wanted[event_id]:
                del self._wanted[event_id]
                self._seen.discard(event_id)

    def _start(self) -> None:
        self._asked_at = time.monotonic()
        if self._thread is None or not self._thread.is_alive():
            self._pipe = self._pipe or os.pipe()
            self._thread = threading.Thread(target=self._loop, name="watch", daemon=True)
            self._thread.start()

    def _wake_up(self) -> None:
        if self._pipe is not None:
            os.write(self._pipe[1], b"!")

    def _loop(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while self._is_needed():
            try:
                if connection is None:
                    connection = self._database.connect()
                    connection.execute(f"LISTEN {SEEN}")
                    connection.execute(f"LISTEN {ARRIVED}")
                self._round(connection)
            except psycopg.Error as error:
                log.warning("cannot listen for events", extra={"reason": type(error).__name__})
                connection = None
                self._rest(0.5)
        if connection is not None:
            connection.close()

    def _is_needed(self) -> bool:
        with self._news:
            if self._waiting or time.monotonic() - self._asked_at < _LINGER:
                return True
            self._thread = None
            return False

    def _round(self, connection: "psycopg.Connection[Any]") -> None:
        with self._news:
            wanted = [event_id for event_id in self._wanted if event_id not in self._seen]
        if wanted:
            self._tell({row[0] for row in connection.execute(_HANDLED, [CONSUMER, wanted]).fetchall()}, arrived=False)
        self._rest(_LOOK_EVERY, connection.fileno())
        heard = [notice.channel for notice in connection.notifies(timeout=0)]
        if ARRIVED in heard:
            self._tell(set(), arrived=True)

    def _rest(self, seconds: float, *wakers: int) -> None:
        """Until somebody new waits, one of `wakers` can be read, or `seconds` have passed."""
        assert self._pipe is not None
        ready, _, _ = select.select([self._pipe[0], *wakers], [], [], seconds)
        if self._pipe[0] in ready:
            os.read(self._pipe[0], 65536)

    def _tell(self, seen: set[str], *, arrived: bool) -> None:
        with self._news:
            self._seen |= seen & self._wanted.keys()
            self._arrivals += arrived
            self._news.notify_all()
