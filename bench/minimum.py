"""The hand-written minimal pipeline as a side of a line: started, filled, drained, written to, timed."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg

from bench import servers
from bench.ceilings import pipeline
from bench.commits import Latencies, latencies
from bench.draining import seconds_until
from bench.harness import Sample
from bench.pacing import paced
from bench.processes import Meter, Process
from bench.stack import Stack

EVENT_BYTES = 1024
KEYS = 5_000


@dataclass(slots=True)
class Minimum:
    """The running pipeline."""

    producer_url: str
    consumer_url: str
    relay: Process
    consumer: Process
    version: int = 0  # the newest of any key so far

    def check(self) -> None:
        """Raises RuntimeError where a process has ended."""
        self.relay.check()
        self.consumer.check()

    def meter(self) -> Meter:
        """Of relay, consumer and PostgreSQL."""
        return servers.meter({"relay": [self.relay.pid], "consumer": [self.consumer.pid]})

    def drain(self, count: int) -> Sample:
        """Events per second from a full outbox to the last effect, and CPU per event."""
        meter = self.meter()
        meter.start()
        last = _fill(self.producer_url, count, self.version)
        self.version += count // KEYS + 1
        took = seconds_until(self.consumer_url, f"SELECT count(*) FROM inbox WHERE id = '{last}'", 1, self.check)  # noqa: S608
        return Sample({"rate": count / took}, cpu_ms=meter.per_operation(count))

    def write_at_rate(self, per_second: float, seconds: float) -> Latencies:
        """Business transactions at a fixed rate, a row and its event in one commit each; the times to their effect."""
        with psycopg.connect(self.producer_url, autocommit=True) as connection:
            connection.execute("TRUNCATE customers")
        count = paced(per_second, seconds, 4, lambda: _writer(self.producer_url))
        return latencies(
            (self.producer_url, "SELECT event_id::text, xmin FROM customers"),
            (self.consumer_url, "SELECT id::text, xmin FROM inbox"),
            count,
        )


@contextmanager
def running(stack: Stack) -> Iterator[Minimum]:
    """Both processes on fresh databases, for the length of the block."""
    producer = servers.fresh_database("bench_producer", pipeline.PRODUCER_SCHEMA)
    consumer = servers.fresh_database("bench_consumer", pipeline.CONSUMER_SCHEMA)
    broker = servers.rabbitmq_url()
    pipeline.prepare(broker)
    module = "bench.ceilings.pipeline"
    relay = stack.run_program("minimum-relay", [module, "relay", producer, broker])
    taker = stack.run_program("minimum-consumer", [module, "consume", consumer, broker])
    yield Minimum(producer, consumer, relay, taker)


def _fill(url: str, count: int, version: int) -> str:
    """Puts unsent events of 1 KiB into the outbox, visible all at once, and wakes the relay; returns the last id."""
    event_id = ""
    with psycopg.connect(url) as connection:
        with connection.cursor().copy("COPY outbox (id, body) FROM STDIN") as copy:
            for number in range(count):
                key = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number % KEYS)))
                event_id, body = _event(key, version + number // KEYS + 1)
                copy.write_row((event_id, body))
        connection.execute("NOTIFY outbox")
    return event_id


def _event(key: str, version: int) -> tuple[str, str]:
    event_id = str(uuid.uuid4())
    content: dict[str, Any] = {"id": event_id, "key": key, "version": version, "name": f"Customer {version}"}
    missing = EVENT_BYTES - len(orjson.dumps(content | {"data": ""}))
    return event_id, orjson.dumps(content | {"data": "x" * missing}).decode()


def _writer(url: str) -> Callable[[int], None]:
    connection = psycopg.connect(url, autocommit=True)

    def write(number: int) -> None:
        key = str(uuid.uuid4())
        event_id, body = _event(key, 1)
        with connection.transaction():
            connection.execute("INSERT INTO customers VALUES (%s, %s, %s)", [key, f"Customer {number}", event_id])
            connection.execute("INSERT INTO outbox (id, body) VALUES (%s, %s)", [event_id, body])
            connection.execute("NOTIFY outbox")

    return write
