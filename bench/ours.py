"""Our own pipeline as a side of a line: the relay of `customer` and one consumer, a worker process each."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from bench.draining import seconds_until
from bench.harness import Sample
from bench.processes import Meter
from bench.stack import Stack
from common.clock import rfc3339
from common.envelope import Event, encode
from common.ids import new_id

EVENT_BYTES = 1024
KEYS = 5_000
TYPE = "customer.customer.updated.v1"
INTERACTIVE, BULK = 0, 1
_COPY = "COPY outbox (id, type, subject, version, partition_key, customer_id, lane, body) FROM STDIN"


class Pipeline:
    """Relay and consumer, running."""

    def __init__(self, stack: Stack, consumer: str) -> None:
        self._stack = stack
        self.producer_url = stack.database("customer").admin_url
        self.consumer_url = stack.database(consumer).admin_url
        self._version = 0
        self.relay = self._stack.start("customer", "worker")
        self.consumer = self._stack.start(consumer, "worker")

    def drain(self, count: int) -> Sample:
        """Events per second from a full outbox to the last effect, and CPU per event."""
        events = self._events(count)
        last = {event.shard: event.id for event in events}
        meter = Meter({"relay": [self.relay.pid], "consumer": [self.consumer.pid]})
        meter.start()
        fill(self.producer_url, events, INTERACTIVE)
        ids = ", ".join(f"'{event_id}'" for event_id in last.values())
        took = seconds_until(
            self.consumer_url,
            f"SELECT count(*) FROM inbox WHERE event_id IN ({ids})",  # noqa: S608
            len(last),
            self._stack.check,
        )
        return Sample({"rate": count / took}, cpu_ms=meter.per_operation(count), errors=self._held())

    def _events(self, count: int) -> list[Event]:
        now = rfc3339(datetime.now(UTC))
        self._version += count // KEYS + 1
        return [customer_event(number % KEYS, self._version + number // KEYS, now) for number in range(count)]

    def _held(self) -> int:
        with psycopg.connect(self.consumer_url) as connection:
            row = connection.execute("SELECT count(*) FROM held").fetchone()
        return int(row[0]) if row else 0


def customer_event(number: int, version: int, now: str) -> Event:
    """An edit of one of our customers as it would be published, of 1 KiB in all."""
    customer_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"customer {number}"))
    event = Event(
        id=new_id(),
        type=TYPE,
        source="urn:atrium:customer",
        subject=customer_id,
        time=now,
        version=version,
        partition_key=customer_id,
        customer_id=customer_id,
        actor="staff:0198f000-0000-7000-8000-000000000001",
        data={
            "id": customer_id,
            "number": str(100_000 + number),
            "kind": "business",
            "status": "active",
            "name": f"Customer {number} in its edition {version}",
            "dba_name": None,
            "parent_id": None,
            "group_id": None,
            "external_ids": [],
            "primary_contact_id": None,
            "archive": None,
            "created_at": now,
            "updated_at": now,
            "batch_id": None,
            "changes": [{"path": "name", "label": "Name", "before": "", "after": f"Customer {number}"}],
        },
    )
    event.data["changes"][0]["before"] = "x" * max(0, EVENT_BYTES - len(encode(event)))
    return event


def fill(url: str, events: Sequence[Event], lane: int) -> None:
    """Puts events into the outbox unsent, visible all at once, and wakes the relay."""
    with psycopg.connect(url) as connection:
        with connection.cursor().copy(_COPY) as copy:
            for event in events:
                copy.write_row(
                    (
                        event.id,
                        event.type,
                        event.subject,
                        event.version,
                        event.partition_key,
                        event.customer_id,
                        lane,
                        encode(event).decode(),
                    )
                )
        connection.execute("NOTIFY outbox")
