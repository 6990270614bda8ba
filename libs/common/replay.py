"""Replay: sends the rows of an owner's log again, with their original ids, to the queues of one consumer alone."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.bus.port import Outcome, Outgoing, Transport
from common.bus.topology import consumers, with_generation
from common.envelope import Event, shard_of
from common.handling import base_name
from common.service import Service

log = logging.getLogger(__name__)

_CHUNK = 500
_DEEP = 2_000
_TRIES = 100


class ReplayFailed(RuntimeError):
    """The transport did not take an event; starting the replay again is safe."""


class Requests:
    """What consumers ask an owner to send again, by event. A worker answers one request after the other; one that is
    lost with its process is asked for again by whoever waits, and one that comes twice does no harm."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()

    def take(self, _session: Session, event: Event) -> None:
        """The handler of such an event, whose data name the `consumer`."""
        self._waiting.put(event.data["consumer"])

    def answer(self, service: Service, transport: Transport, stop: threading.Event) -> None:
        """Answers requests until `stop`. Whoever asked has declared its queues, and may be gone by now."""
        while not stop.is_set():
            try:
                consumer = self._waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            try:
                count = replay(service, transport, consumer, declare=False)
                log.info("the log was sent again", extra={"consumer": consumer, "events": count})
            except (ReplayFailed, ConnectionError) as error:
                log.warning("the log was not sent again", extra={"consumer": consumer, "reason": str(error)[:200]})


def replay(
    service: Service,
    transport: Transport,
    consumer: str,
    types: Sequence[str] | None = None,
    since: datetime | None = None,
    *,
    declare: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Sends the service's events again, in their order, to `consumer` (a service, or a generation such as
    `overview@2`); returns how many. `types` defaults to all that the consumer reads; `progress` is told (sent, total).

    Unless they are there already (`declare`), the consumer's queues are bound first, so that with what the relay sends
    from now on nothing is missing; what comes twice, its inbox knows. An event of today may therefore arrive before
    older ones of its key; whoever must not see that starts consuming when the replay has ended."""
    known = consumers(service.contracts)
    reads = known.get(base_name(consumer), ())
    wanted = [event_type for event_type in reads if types is None or event_type in types]
    if not reads:
        raise ReplayFailed(f"no contract says that {base_name(consumer)} reads anything")
    if declare:
        transport.declare({consumer: with_generation(known, consumer)[consumer]})
    values = {"types": wanted, "since": since}
    last, total = service.db.run(lambda session: tuple(session.execute(_EXTENT, values).one()))
    sent = 0
    for chunk in _chunks(service, {**values, "last": last}):
        _wait_for_room(transport, consumer)
        _send(transport, [_outgoing(row, consumer) for row in chunk])
        sent += len(chunk)
        if progress is not None:
            progress(sent, total)
    return sent


def _chunks(service: Service, values: dict[str, Any]) -> Iterator[Sequence[Any]]:
    after = 0
    while True:
        names = {**values, "after": after, "limit": _CHUNK}
        chunk = service.db.run(lambda session, names=names: session.execute(_NEXT, names).all())  # type: ignore[misc]
        if not chunk:
            return
        yield chunk
        after = chunk[-1].seq


def _send(transport: Transport, batch: Sequence[Outgoing]) -> None:
    for _ in range(_TRIES):
        outcomes = transport.publish(batch)
        # From the first that failed on, so that the order holds.
        unsent = next((place for place, outcome in enumerate(outcomes) if outcome is not Outcome.CONFIRMED), None)
        if unsent is None:
            return
        if outcomes[unsent] is Outcome.UNROUTABLE:
            raise ReplayFailed(f"there are no queues of {batch[0].only}")
        batch = batch[unsent:]
    raise ReplayFailed("the transport does not confirm")


def _wait_for_room(transport: Transport, consumer: str) -> None:
    pause = threading.Event()
    while sum(transport.depths([consumer]).values()) > _DEEP:
        pause.wait(0.05)


def _outgoing(row: Any, consumer: str) -> Outgoing:
    return Outgoing(
        row.id,
        row.type,
        shard_of(row.partition_key),
        row.body.encode(),
        lane="bulk",
        only=consumer,
        key=row.partition_key,
    )


_WHICH = "type = ANY (:types) AND (CAST(:since AS timestamptz) IS NULL OR created_at >= :since)"
_EXTENT = text(f"SELECT coalesce(max(seq), 0), count(*) FROM outbox WHERE {_WHICH}")  # noqa: S608
_NEXT = text(
    "SELECT seq, id::text AS id, type, partition_key, body FROM outbox"  # noqa: S608
    f" WHERE {_WHICH} AND seq > :after AND seq <= :last ORDER BY seq LIMIT :limit"
)
