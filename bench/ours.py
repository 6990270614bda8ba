"""Our own pipeline as a side of a line: the relay of `customer` and one consumer, a worker process each."""

import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from bench import servers
from bench.draining import seconds_until
from bench.harness import Sample
from bench.population import vacuum
from bench.processes import Meter
from bench.stack import Stack
from common.clock import rfc3339
from common.envelope import Event, encode
from common.ids import new_id

EVENT_BYTES = 1024
KEYS = 5_000
TYPE = "customer.customer.updated.v1"
INTERACTIVE, BULK = 0, 1
_HELD = "SELECT count(*) FROM held"
_ARRIVED = "SELECT count(*) FROM inbox"
_COPY = "COPY outbox (id, type, subject, version, partition_key, customer_id, lane, body) FROM STDIN"


class Pipeline:
    """Relay and consumer, running."""

    def __init__(self, stack: Stack, consumer: str) -> None:
        self._stack = stack
        self.producer_url = stack.database("customer").admin_url
        self.consumer_url = stack.database(consumer).admin_url
        self.relay = stack.start("customer", "worker")
        self.consumer = stack.start(consumer, "worker")

    def meter(self) -> Meter:
        """Of relay, consumer and PostgreSQL."""
        return servers.meter({"relay": [self.relay.pid], "consumer": [self.consumer.pid]})

    def drain(self, count: int) -> Sample:
        """Events per second from a full outbox to the last effect, and CPU per event."""
        events = customer_events(count)
        last = {event.shard: event.id for event in events}
        meter = self.meter()
        meter.start()
        fill(self.producer_url, events, INTERACTIVE)
        ids = ", ".join(f"'{event_id}'" for event_id in last.values())
        took = seconds_until(
            self.consumer_url,
            f"SELECT count(*) FROM inbox WHERE event_id IN ({ids})",  # noqa: S608
            len(last),
            self._stack.check,
        )
        return Sample(
            {"rate": count / took}, cpu_ms=meter.per_operation(count), errors=_count(self.consumer_url, _HELD)
        )

    def wait_until_quiet(self) -> None:
        """Returns when nothing has arrived at the consumer for a second."""
        before = -1
        while (now := _count(self.consumer_url, _ARRIVED)) != before:
            before = now
            time.sleep(1)

    def stop(self) -> None:
        """Ends both workers."""
        self._stack.stop(self.relay.process)
        self._stack.stop(self.consumer.process)


def customer_events(count: int) -> list[Event]:
    """Edits of 5,000 customers by turns, newer than any made before."""
    newest = time.time_ns() // 1_000_000
    now = rfc3339(datetime.now(UTC))
    return [customer_event(number % KEYS, newest + number // KEYS, now) for number in range(count)]


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


def fill_as_sent(url: str, count: int) -> None:
    """Puts events into the outbox that were sent before, made of one real event by the server itself, and vacuums."""
    event = customer_event(0, 1, rfc3339(datetime.now(UTC)))
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO outbox (id, type, subject, version, partition_key, customer_id, lane, body, sent_at)"
            " SELECT gen_random_uuid(), %(type)s, %(key)s::text, number, %(key)s::text, %(key)s::uuid, 0, %(body)s,"
            " now() FROM generate_series(1, %(count)s) AS number",
            {"type": event.type, "key": event.subject, "body": encode(event).decode(), "count": count},
        )
    vacuum(url)


def _count(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
