"""The inbox: a batch of events takes effect in one transaction, each exactly once, and a failing one waits in `held`.

The ids of a batch are inserted first, so that an event that another process handled, or is handling, is known as a
duplicate. The usual path runs all handlers together; when anything fails, the batch is rolled back and runs again with
a savepoint per event, and what fails then goes to `held` in that same transaction, with the later ones of its key.
Inbox rows are kept as long as the owners' logs, because a replay of any age must find them.
"""

import logging
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import held
from common.beat import BEAT
from common.bus import metrics
from common.bus.crash import crash_point
from common.bus.port import Delivery
from common.context import Lane
from common.envelope import Event, Undecodable, decode
from common.handling import handle, is_outage, reason_of, try_one
from common.pipeline import send
from common.service import Service

log = logging.getLogger(__name__)

BATCH = 50
MOST_CRASHES = 5

_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Arrival = tuple[Event, Lane]


def process(service: Service, consumer: str, batch: Sequence[Delivery]) -> dict[int, str]:
    """Lets a batch of deliveries take effect and returns those that nobody can handle, tag -> reason.

    When it returns, everything else may be acknowledged. It raises only where the database cannot be used; the same
    batch is then given again."""
    dead: dict[int, str] = {}
    arrivals: list[Arrival] = []
    for delivery in batch:
        try:
            event = _read(delivery.body)
        except Undecodable as error:
            log.error("a message cannot be decoded", extra={"consumer": consumer})
            dead[delivery.tag] = f"cannot be decoded: {error}"[:200]
            continue
        if event.type == BEAT:
            _beat(service, event)
        elif len(batch) == 1 and delivery.redelivered and _crashes(service, consumer, delivery.id) > MOST_CRASHES:
            log.error("an event ended the process too often", extra={"consumer": consumer, "event": event.id})
            dead[delivery.tag] = f"ended the process {MOST_CRASHES} times"
        else:
            arrivals.append((event, delivery.lane))
    if arrivals:
        apply(service, consumer, arrivals)
    again = [delivery.id for delivery in batch if delivery.redelivered and delivery.tag not in dead]
    if again:
        service.db.run(lambda session: session.execute(_FORGET_DELIVERIES, {"consumer": consumer, "ids": again}))
    return dead


def _read(body: bytes) -> Event:
    event = decode(body)
    # What PostgreSQL could never store can never be handled either, and could not even be held.
    if not _ID.fullmatch(event.id) or "\0" in event.partition_key or "\0" in event.type:
        raise Undecodable("its id is not a UUID, or its key or type holds NUL")
    return event


def portions(service: Service, consumer: str, batch: Sequence[Delivery]) -> list[list[Delivery]]:
    """Cuts a batch into what is handled together: all of it, or one by one where a delivery comes for the third time,
    so that an event that ends the process takes no innocent one with it. Remembers second deliveries."""
    again = sorted({delivery.id for delivery in batch if delivery.redelivered and delivery.id})
    if not again:
        return [list(batch)]
    names = {"consumer": consumer, "ids": again}

    def suspected(session: Session) -> bool:
        known = session.execute(_KNOWN_DELIVERY, names).first() is not None
        if not known:
            session.execute(_NOTE_DELIVERIES, names)
        return known

    if service.db.run(suspected):
        return [[delivery] for delivery in batch]
    return [list(batch)]


def apply(service: Service, consumer: str, arrivals: Sequence[Arrival]) -> None:
    """Lets decoded events take effect; a failing one and the later ones of its key are held."""
    ordered = in_order(arrivals)
    started = time.perf_counter()
    try:
        fresh = service.db.run(lambda session: _together(session, service, consumer, ordered))
    except Exception as error:
        if is_outage(error):
            raise
        log.info("a batch is handled event by event", extra={"consumer": consumer, "reason": type(error).__name__})
        fresh = _apart(service, consumer, ordered)
    crash_point("inbox.committed", len(ordered))
    metrics.BATCH_SECONDS.labels(consumer).observe(time.perf_counter() - started)
    metrics.HANDLED.labels(consumer).inc(len(fresh))
    metrics.DUPLICATES.labels(consumer).inc(len(ordered) - len(fresh))
    if fresh:
        # Of a batch, the event that waited longest speaks for all.
        _observe_lag(consumer, min(event.time for event in fresh))


def in_order(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """By key, so that two workers lock customers in the same order. A key keeps its own order, in which the events of
    one aggregate stand by version: a quorum queue that changes hands may give a later one before those it took back."""
    ordered = sorted(arrivals, key=lambda arrival: arrival[0].partition_key)
    places: dict[tuple[str, str], list[int]] = {}
    for place, (event, _) in enumerate(ordered):
        entity = event.type.rsplit(".", 2)[0]
        places.setdefault((entity, event.subject), []).append(place)
    for of_one in places.values():
        by_version = sorted((ordered[place] for place in of_one), key=lambda arrival: arrival[0].version)
        for place, arrival in zip(of_one, by_version, strict=True):
            ordered[place] = arrival
    return ordered


def _together(session: Session, service: Service, consumer: str, arrivals: Sequence[Arrival]) -> list[Event]:
    fresh, held_keys = _enter(session, consumer, arrivals)
    for event, lane in fresh:
        if event.partition_key in held_keys:
            held.queue_behind(session, service, consumer, event)
        else:
            handle(session, service, consumer, event, lane)
    crash_point("inbox.handled", len(fresh))
    return [event for event, _ in fresh]


def _apart(service: Service, consumer: str, arrivals: Sequence[Arrival]) -> list[Event]:
    try:
        return service.db.run(lambda session: _one_by_one(session, service, consumer, arrivals))
    except Exception as error:
        if is_outage(error):
            raise
    # Only the commit itself can have failed, on a deferred constraint or on what was written for later.
    fresh: list[Event] = []
    for arrival in arrivals:
        fresh += _alone(service, consumer, arrival)
    return fresh


def _alone(service: Service, consumer: str, arrival: Arrival) -> list[Event]:
    try:
        return service.db.run(lambda session: _one_by_one(session, service, consumer, [arrival]))
    except Exception as error:
        if is_outage(error):
            raise
        reason = reason_of(error)

    def hold(session: Session) -> list[Event]:
        fresh, _ = _enter(session, consumer, [arrival])
        for event, _lane in fresh:
            _hold(session, consumer, event, reason)
        return [event for event, _ in fresh]

    return service.db.run(hold)


def _one_by_one(session: Session, service: Service, consumer: str, arrivals: Sequence[Arrival]) -> list[Event]:
    fresh, held_keys = _enter(session, consumer, arrivals)
    for event, lane in fresh:
        if event.partition_key in held_keys:
            held.queue_behind(session, service, consumer, event)
            continue
        error = try_one(session, service, consumer, event, lane)
        if error is not None:
            _hold(session, consumer, event, reason_of(error))
            held_keys.add(event.partition_key)
    return [event for event, _ in fresh]


def _hold(session: Session, consumer: str, event: Event, reason: str) -> None:
    metrics.FAILED.labels(consumer).inc()
    log.warning("an event is held", extra={"consumer": consumer, "event": event.id, "type": event.type})
    held.hold(session, consumer, event, reason)


def _enter(session: Session, consumer: str, arrivals: Sequence[Arrival]) -> tuple[list[Arrival], set[str]]:
    """Writes the inbox rows; returns the events that are new, once each, and the keys that have held events."""
    ids = [event.id for event, _ in arrivals]
    keys = list({event.partition_key for event, _ in arrivals})
    # Statements of their own: the second must see what a transaction held for which the insert had to wait.
    entered, held_already = send(
        session,
        [(_ENTER, {"consumer": consumer, "ids": ids}), (_HELD_KEYS, {"consumer": consumer, "keys": keys})],
    )
    new = {row[0] for row in entered}
    held_keys = {row[0] for row in held_already}
    fresh: list[Arrival] = []
    for arrival in arrivals:
        if arrival[0].id in new:
            new.discard(arrival[0].id)
            fresh.append(arrival)
    return fresh, held_keys


def _crashes(service: Service, consumer: str, event_id: str) -> int:
    """Counts this attempt, committed before it is made; 0 for an event that was never suspected."""
    names = {"consumer": consumer, "id": event_id}
    return service.db.run(lambda session: session.execute(_COUNT_DELIVERY, names).scalar_one_or_none()) or 0


def _beat(service: Service, event: Event) -> None:
    on_beat = service.on_beat
    if on_beat is None:
        return
    try:
        service.db.run(lambda session: on_beat(session, event))
    except Exception:
        # The next one comes in seconds and says more; it must not stop the events.
        log.exception("a heartbeat was not taken")


def _observe_lag(consumer: str, happened: str) -> None:
    try:
        moment = datetime.fromisoformat(happened)
    except ValueError:
        return  # a time that nobody can read says nothing about the lag
    metrics.LAG_SECONDS.labels(consumer).observe(max(0.0, (datetime.now(UTC) - moment).total_seconds()))


# Ids in their order, so that two transactions with common ones wait for each other and do not lock each other out.
_ENTER = (
    "INSERT INTO inbox (consumer, event_id)"
    " SELECT %(consumer)s, id FROM (SELECT DISTINCT unnest(CAST(%(ids)s AS uuid[])) AS id) AS ids ORDER BY id"
    " ON CONFLICT DO NOTHING RETURNING event_id::text"
)
_HELD_KEYS = (
    "SELECT DISTINCT partition_key FROM held"
    " WHERE consumer = %(consumer)s AND partition_key = ANY (CAST(%(keys)s AS text[]))"
)
_KNOWN_DELIVERY = text("SELECT 1 FROM deliveries WHERE consumer = :consumer AND event_id = ANY (:ids) LIMIT 1")
_NOTE_DELIVERIES = text(
    "INSERT INTO deliveries (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS text[])) ON CONFLICT DO NOTHING"
)
_FORGET_DELIVERIES = text("DELETE FROM deliveries WHERE consumer = :consumer AND event_id = ANY (:ids)")
_COUNT_DELIVERY = text(
    "UPDATE deliveries SET times = times + 1, last_at = now()"
    " WHERE consumer = :consumer AND event_id = :id RETURNING times"
)
