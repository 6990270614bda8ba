"""Events that failed, waiting in the consumer's own table with the later ones of their key."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.bus import metrics
from common.envelope import Event, decode, encode
from common.erasure import erase_held, erasure_of
from common.handling import is_outage, reason_of, try_one
from common.service import Service

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 10  # automatic ones; then the event is parked for a person
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """One waiting event. `next_attempt_at` is None where it waits behind another one or is parked."""

    position: int
    consumer: str
    partition_key: str
    event_id: str
    type: str
    attempts: int
    next_attempt_at: datetime | None
    error: str
    held_at: datetime
    body: str

    @property
    def state(self) -> str:
        """`parked`, `retrying` or `waiting` (behind an earlier one of its key)."""
        if self.attempts >= MOST_ATTEMPTS:
            return "parked"
        return "retrying" if self.attempts else "waiting"


def hold(session: Session, consumer: str, event: Event, reason: str) -> None:
    """Keeps an event that failed once; it is tried again after a second."""
    _insert(session, consumer, event, attempts=1, pause=_pause(1), error=reason)


def queue_behind(session: Session, service: Service, consumer: str, event: Event) -> None:
    """Keeps an event whose key has an earlier one held. What it erases does not wait with it: the earlier ones lose it
    at once."""
    _insert(session, consumer, event, attempts=0, pause=None, error="")
    erasure = erasure_of(event)
    if erasure is not None:
        erase_held(session, service.contracts, erasure)


def retry_due(service: Service, consumer: str) -> bool:
    """Tries each key whose first event is due; returns whether any was."""
    keys = service.db.run(
        lambda session: session.execute(_DUE_KEYS, {"consumer": consumer, "most": MOST_ATTEMPTS}).scalars().all()
    )
    for key in keys:
        _try_key(service, consumer, key)
    _count(service, consumer)
    return bool(keys)


def list_held(
    session: Session, consumer: str, *, key: str | None = None, event_type: str | None = None, limit: int = 100
) -> list[HeldEvent]:
    """The waiting events of a consumer in their order, of one key or type where named."""
    rows = session.execute(_LIST, {"consumer": consumer, "key": key, "type": event_type, "limit": limit})
    return [HeldEvent(**row) for row in rows.mappings()]


def find(session: Session, consumer: str, event_id: str) -> HeldEvent | None:
    """One waiting event by its id."""
    row = session.execute(_FIND, {"consumer": consumer, "id": event_id}).mappings().one_or_none()
    return None if row is None else HeldEvent(**row)


def replay(service: Service, consumer: str, keys: Sequence[str] | None = None) -> tuple[int, int]:
    """Handles now, in their order, the waiting events of these keys or of all; returns how many took effect and how
    many still wait. Each takes effect once, whatever a worker does at the same time."""
    if keys is None:
        keys = service.db.run(lambda session: session.execute(_ALL_KEYS, {"consumer": consumer}).scalars().all())
    done = 0
    for key in keys:
        while count := _try_key(service, consumer, key):
            done += count
    waiting = service.db.run(
        lambda session: session.execute(_WAITING, {"consumer": consumer, "keys": list(keys)}).scalar_one()
    )
    return done, waiting


def drop(session: Session, consumer: str, event_id: str, *, who: str, reason: str) -> bool:
    """Gives an event up: it never takes effect. Those behind it move up. The log keeps who did it and why."""
    found = session.execute(_DROP, {"consumer": consumer, "id": event_id}).scalar_one_or_none()
    if found is None:
        return False
    log.warning(
        "a held event was dropped",
        extra={"consumer": consumer, "event": event_id, "type": found, "who": who, "reason": reason},
    )
    return True


def _try_key(service: Service, consumer: str, key: str) -> int:
    try:
        return _work_key(service, consumer, key)
    except Exception as error:
        if is_outage(error):
            raise
        # The commit itself failed, for instance on a deferred constraint: the first event answers for it.
        reason = error

    def blame(session: Session) -> None:
        head = session.execute(_HEAD, {"consumer": consumer, "key": key}).one_or_none()
        if head is not None:
            _failed_again(session, head.position, head.attempts + 1, reason)

    service.db.run(blame)
    return 0


def _work_key(service: Service, consumer: str, key: str) -> int:
    """Handles the waiting events of a key until one fails; returns how many took effect (0 also where another process
    is at it)."""

    def work(session: Session) -> int:
        names: dict[str, Any] = {"consumer": consumer, "key": key}
        # Whoever holds the first row works on the key; the others leave it alone.
        if session.execute(_LOCK_HEAD, names).first() is None:
            return 0
        done: list[int] = []
        for row in session.execute(_QUEUE, {**names, "limit": _AT_ONCE}).mappings().all():
            event = decode(row["body"].encode())
            error = try_one(session, service, consumer, event, "interactive")
            if error is not None:
                _failed_again(session, row["position"], row["attempts"] + 1, error)
                metrics.FAILED.labels(consumer).inc()
                break
            done.append(row["position"])
        session.execute(_DONE, {"positions": done})
        metrics.HANDLED.labels(consumer).inc(len(done))
        return len(done)

    return service.db.run(work)


def _failed_again(session: Session, position: int, attempts: int, error: Exception) -> None:
    session.execute(
        _FAILED_AGAIN,
        {"position": position, "attempts": attempts, "pause": _pause(attempts), "error": reason_of(error)},
    )


def _insert(session: Session, consumer: str, event: Event, *, attempts: int, pause: float | None, error: str) -> None:
    session.execute(
        _INSERT,
        {
            "consumer": consumer,
            "key": event.partition_key,
            "id": event.id,
            "type": event.type,
            "body": encode(event).decode(),
            "attempts": attempts,
            "pause": pause,
            "error": error,
        },
    )


def _pause(attempts: int) -> float:
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempts - 1))
    return longest * random.uniform(0.7, 1.0)  # noqa: S311  # only spreads retries


def _count(service: Service, consumer: str) -> None:
    row: Any = service.db.run(
        lambda session: session.execute(_COUNT, {"consumer": consumer, "most": MOST_ATTEMPTS}).one()
    )
    metrics.HELD.labels(consumer, "waiting").set(row.waiting)
    metrics.HELD.labels(consumer, "parked").set(row.parked)


_INSERT = text(
    "INSERT INTO held (consumer, partition_key, event_id, type, body, attempts, next_attempt_at, error)"
    " VALUES (:consumer, :key, CAST(:id AS uuid), :type, :body, :attempts,"
    " now() + make_interval(secs => CAST(:pause AS double precision)), :error)"
)
_FIRST_OF_KEYS = "SELECT min(position) FROM held WHERE consumer = :consumer GROUP BY partition_key"
_DUE_KEYS = text(
    f"SELECT partition_key FROM held WHERE position IN ({_FIRST_OF_KEYS}) AND attempts < :most"  # noqa: S608
    " AND (next_attempt_at IS NULL OR next_attempt_at <= now()) ORDER BY position LIMIT 500"
)
_ALL_KEYS = text(
    "SELECT partition_key FROM held WHERE consumer = :consumer GROUP BY partition_key ORDER BY min(position)"
)
_LOCK_HEAD = text(
    "SELECT 1 FROM held WHERE position ="
    " (SELECT min(position) FROM held WHERE consumer = :consumer AND partition_key = :key) FOR UPDATE SKIP LOCKED"
)
_QUEUE = text(
    "SELECT position, body, attempts FROM held WHERE consumer = :consumer AND partition_key = :key"
    " ORDER BY position LIMIT :limit FOR UPDATE"
)
_HEAD = text(
    "SELECT position, attempts FROM held WHERE consumer = :consumer AND partition_key = :key ORDER BY position LIMIT 1"
)
_DONE = text("DELETE FROM held WHERE position = ANY (:positions)")
_FAILED_AGAIN = text(
    "UPDATE held SET attempts = :attempts, error = :error, next_attempt_at = now() + make_interval(secs => :pause)"
    " WHERE position = :position"
)
_WAITING = text("SELECT count(*) FROM held WHERE consumer = :consumer AND partition_key = ANY (:keys)")
_DROP = text("DELETE FROM held WHERE consumer = :consumer AND event_id = CAST(:id AS uuid) RETURNING type")
_COLUMNS = (
    "position, consumer, partition_key, event_id::text AS event_id, type, attempts, next_attempt_at, error, held_at,"
    " body"
)
_LIST = text(
    f"SELECT {_COLUMNS} FROM held WHERE consumer = :consumer"  # noqa: S608
    " AND (CAST(:key AS text) IS NULL OR partition_key = :key) AND (CAST(:type AS text) IS NULL OR type = :type)"
    " ORDER BY position LIMIT :limit"
)
_FIND = text(
    f"SELECT {_COLUMNS} FROM held WHERE consumer = :consumer AND event_id = CAST(:id AS uuid)"  # noqa: S608
)
_COUNT = text(
    "SELECT count(*) FILTER (WHERE attempts < :most) AS waiting, count(*) FILTER (WHERE attempts >= :most) AS parked"
    " FROM held WHERE consumer = :consumer"
)
