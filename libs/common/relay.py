"""The relay: sends a database's outbox in order, and marks an event as sent only after the transport has confirmed it.

One relay works per database: whoever holds an advisory lock, on the very connection that selects and marks, so that a
relay which lost the lock can do neither. It always selects what is unsent and never goes by the last number seen,
because numbers become visible out of order.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from common import beat, outbox_rows
from common.bus import metrics
from common.bus.crash import crash_point
from common.bus.port import Outcome, Outgoing, Transport
from common.envelope import shard_of
from common.locks import RELAY, lock_class
from common.outbox_rows import Row
from common.pacing import Pacing
from common.service import Service

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_COALESCE_SECONDS = 0.002
_FEW = outbox_rows.BATCH // 10
_DAY = 86_400.0
_FROM_THE_START_EVERY = 1.0


class Relay:
    """The relay of one service's database as one process runs it; idle while another process holds the lock."""

    def __init__(
        self,
        service: Service,
        transport: Transport,
        *,
        redeclare: Callable[[], None] | None = None,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        """`redeclare` is called when an event that has consumers reaches no queue: somebody deleted one."""
        self._service = service
        self._transport = transport
        self._redeclare = redeclare
        self._poll = poll_seconds
        self._pacing = Pacing(transport, service.contracts)
        self._blocked: dict[str, float] = {}  # key -> when it may be tried again
        self._next_beat = self._next_upkeep = 0.0
        self._after, self._from_the_start_at = 0, 0.0
        self.active = False

    def run(self, stop: threading.Event) -> None:
        """Relays until `stop`; a lost database or broker is waited for."""
        pause = 0.2
        while not stop.is_set():
            try:
                with self._service.db.connect() as connection:
                    self._hold_lock(connection, stop)
                    pause = 0.2
                    while not stop.is_set():
                        self._turn(connection, stop)
            except psycopg.Error as error:
                log.warning("the relay lost its database", exc_info=error.sqlstate is not None)
                stop.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311  # only spreads retries
                pause = min(pause * 2, 10.0)
            finally:
                self.active = False
                metrics.RELAY_ACTIVE.labels(self._service.name).set(0)

    def _hold_lock(self, connection: "psycopg.Connection[Any]", stop: threading.Event) -> None:
        key = [lock_class(RELAY), 0]
        while not stop.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", key).fetchone()
            if row and row[0]:
                break
            stop.wait(1.0)
        else:
            return
        self._blocked.clear()  # whatever could not be sent before is tried again
        outbox_rows.prepare(connection)
        connection.execute("LISTEN outbox")
        self.active = True
        metrics.RELAY_ACTIVE.labels(self._service.name).set(1)

    def _turn(self, connection: "psycopg.Connection[Any]", stop: threading.Event) -> None:
        self._upkeep(connection)
        blocked = self._still_blocked(time.monotonic())
        edits = outbox_rows.interactive(connection, blocked)
        if edits:
            self._pacing.saw_interactive()
            if not self._send(connection, edits):
                return self._back_off(stop)
        room = self._pacing.room()
        mass = self._mass(connection, blocked, room) if room else []
        if mass and not self._send(connection, mass):
            return self._back_off(stop)
        if not mass and len(edits) < _FEW:
            # What was committed meanwhile has sent its wake-up, which waits on the connection.
            self._sleep(connection)
        elif len(edits) + len(mass) < _FEW:
            # Those that commit in this moment share the next batch.
            stop.wait(_COALESCE_SECONDS)
        return None

    def _mass(self, connection: "psycopg.Connection[Any]", blocked: Sequence[str], room: int) -> list[Row]:
        now = time.monotonic()
        if now >= self._from_the_start_at:
            self._from_the_start_at, self._after = now + _FROM_THE_START_EVERY, 0
        rows = outbox_rows.bulk(connection, blocked, room, self._after)
        if rows:
            self._after = rows[-1].seq
        self._pacing.sent(rows)
        return rows

    def _back_off(self, stop: threading.Event) -> None:
        self._after = 0
        stop.wait(random.uniform(0.1, 0.5))  # noqa: S311  # only spreads retries

    def _sleep(self, connection: "psycopg.Connection[Any]") -> None:
        """Until the next commit, or until something else is due."""
        wait = min(self._poll, self._pacing.pause(), self._next_beat - time.monotonic())
        for _ in connection.notifies(timeout=max(wait, 0.001), stop_after=1):
            pass

    def _send(self, connection: "psycopg.Connection[Any]", rows: Sequence[Row]) -> bool:
        """Publishes and marks; returns whether the transport answered."""
        crash_point("relay.selected", len(rows))
        started = time.perf_counter()
        outcomes = self._transport.publish([self._outgoing(row) for row in rows])
        metrics.CONFIRM_SECONDS.labels(self._service.name).observe(time.perf_counter() - started)
        crash_point("relay.published", len(rows))
        outbox_rows.mark_sent(
            connection, [row for row, outcome in zip(rows, outcomes, strict=True) if outcome is Outcome.CONFIRMED]
        )
        for outcome in Outcome:
            metrics.PUBLISHED.labels(self._service.name, outcome.value).inc(outcomes.count(outcome))
        for outcome in (Outcome.UNROUTABLE, Outcome.REJECTED):
            refused = [row for row, own in zip(rows, outcomes, strict=True) if own is outcome]
            if refused:
                self._block(connection, refused, outcome)
        return Outcome.FAILED not in outcomes

    def _outgoing(self, row: Row) -> Outgoing:
        return Outgoing(
            row.id,
            row.type,
            shard_of(row.partition_key),
            row.body,
            "bulk" if row.lane else "interactive",
            # What nobody reads is sent as well, so that a consumer deployed a moment ago, whose contract this process
            # does not know yet, misses nothing; only nobody need be there to receive it.
            mandatory=self._pacing.has_consumers(row.type),
            key=row.partition_key,
        )

    def _block(self, connection: "psycopg.Connection[Any]", rows: Sequence[Row], outcome: Outcome) -> None:
        reason = {
            Outcome.UNROUTABLE: "no queue is bound for this type, although the contracts name a consumer",
            Outcome.REJECTED: "the broker refused it; a queue may be full",
        }[outcome]
        log.error("events cannot be sent", extra={"count": len(rows), "type": rows[0].type, "reason": reason})
        for key, seconds in outbox_rows.mark_refused(connection, rows, reason).items():
            self._blocked[key] = time.monotonic() + seconds
        if outcome is Outcome.UNROUTABLE and self._redeclare is not None:
            self._redeclare()

    def _still_blocked(self, now: float) -> list[str]:
        self._blocked = {key: until for key, until in self._blocked.items() if until > now}
        return list(self._blocked)

    def _upkeep(self, connection: "psycopg.Connection[Any]") -> None:
        now = time.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + beat.EVERY_SECONDS
            self._measure(connection)
        if now >= self._next_upkeep:
            self._next_upkeep = now + _DAY
            connection.execute("SELECT ensure_outbox_partitions()")
            connection.execute("DELETE FROM deliveries WHERE last_at < now() - interval '7 days'")

    def _measure(self, connection: "psycopg.Connection[Any]") -> None:
        backlog = outbox_rows.backlog(connection)
        name = self._service.name
        for lane, (unsent, oldest) in backlog.items():
            metrics.OUTBOX_UNSENT.labels(name, lane).set(unsent)
            metrics.OUTBOX_OLDEST.labels(name, lane).set(oldest)
        metrics.OUTBOX_BLOCKED.labels(name).set(len(self._blocked))
        unsent = sum(count for count, _ in backlog.values())
        oldest = max(age for _, age in backlog.values())
        self._transport.publish([beat.outgoing(beat.Beat(name, oldest, unsent))], wait=1.0)
