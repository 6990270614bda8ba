"""Which shards of a consumer this process takes: advisory locks, shared fairly among the workers that live.

Every worker holds one lock in common, whose holders are counted, and per shard one that only one can hold. All are on
one connection: where it is lost, the locks are lost, and the shards are given up at once.
"""

import logging
import threading
from typing import Any

import psycopg

from common.bus import metrics
from common.bus.port import BEATS, Subscription
from common.db import Database
from common.envelope import SHARDS
from common.locks import PRESENCE, lock_class

log = logging.getLogger(__name__)

_EVERY = 1.0


class Shards:
    """The shards that one worker holds for one consumer; `run` keeps them balanced until it is told to stop."""

    def __init__(self, database: Database, consumer: str, subscription: Subscription, *, every: float = _EVERY) -> None:
        self._database = database
        self._consumer = consumer
        self._subscription = subscription
        self._class = lock_class(f"shards:{consumer}")
        self._every = every
        self._held: set[int] = set()
        self._leaving: set[int] = set()

    @property
    def held(self) -> frozenset[int]:
        """The shards that this worker takes from now."""
        return frozenset(self._held - self._leaving)

    def run(self, stop: threading.Event) -> None:
        """Takes and gives shards until `stop`, then gives all of them up; what was taken from them is settled first by
        whoever reads the subscription."""
        while not stop.is_set():
            try:
                with self._database.connect() as connection:
                    self._hold(connection, stop)
            except Exception as error:
                log.warning(
                    "lost the locks of all shards",
                    extra={"consumer": self._consumer},
                    exc_info=not isinstance(error, psycopg.OperationalError),
                )
                self._forget()
                stop.wait(self._every)

    def _hold(self, connection: "psycopg.Connection[Any]", stop: threading.Event) -> None:
        connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", [self._class, PRESENCE])
        self._subscription.subscribe(BEATS)
        while not stop.is_set():
            self._balance(connection)
            # A shard that is on its way to another worker is looked at again soon.
            stop.wait(0.02 if self._leaving else self._every)
        self._subscription.unsubscribe(BEATS)
        for shard in list(self._held):
            self._leave(shard)
        while self._held:
            self._release_settled(connection)
            if self._held:
                threading.Event().wait(0.01)

    def _balance(self, connection: "psycopg.Connection[Any]") -> None:
        self._release_settled(connection)
        row = connection.execute(_WORKERS, {"class": self._class % 2**32, "presence": PRESENCE}).fetchone()
        fair = -(-SHARDS // max(1, row[0] if row else 1))
        mine = sorted(self._held - self._leaving)
        for shard in mine[fair:]:
            self._leave(shard)
        for shard in sorted(set(range(SHARDS)) - self._held):
            if len(self._held) >= fair:
                break
            found = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", [self._class, shard]).fetchone()
            if found and found[0]:
                self._held.add(shard)
                self._subscription.subscribe(shard)
        metrics.SHARDS_HELD.labels(self._consumer).set(len(self.held))

    def _leave(self, shard: int) -> None:
        if shard not in self._leaving:
            self._leaving.add(shard)
            self._subscription.unsubscribe(shard)

    def _release_settled(self, connection: "psycopg.Connection[Any]") -> None:
        for shard in list(self._leaving):
            if self._subscription.outstanding(shard) == 0:
                connection.execute("SELECT pg_advisory_unlock(%s, %s)", [self._class, shard])
                self._leaving.discard(shard)
                self._held.discard(shard)

    def _forget(self) -> None:
        self._held.clear()
        self._leaving.clear()
        self._subscription.reset()
        metrics.SHARDS_HELD.labels(self._consumer).set(0)


_WORKERS = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = %(class)s
      AND objid::bigint = %(presence)s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
