"""The minimum that gives effect once: outbox, relay, RabbitMQ, inbox with effect, in batches of 50, by hand.

psycopg and pika, two databases, one process each:

python -m bench.ceilings.pipeline relay PRODUCER_URL RABBITMQ_URL
python -m bench.ceilings.pipeline consume CONSUMER_URL RABBITMQ_URL
"""

import sys
from typing import Any

import orjson
import pika
import psycopg
from pika.channel import Channel

BATCH = 50
BATCH_WAIT = 0.005  # seconds that an unfinished batch waits for more
PREFETCH = 100
POLL = 1.0
QUEUE = "bench.minimum"

PRODUCER_SCHEMA = """
CREATE TABLE customers (id uuid PRIMARY KEY, name text NOT NULL, event_id uuid NOT NULL);
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL, body text NOT NULL, sent_at timestamptz
);
CREATE INDEX outbox_unsent ON outbox (seq) WHERE sent_at IS NULL
"""

CONSUMER_SCHEMA = """
CREATE TABLE inbox (id uuid PRIMARY KEY);
CREATE TABLE replica (key uuid PRIMARY KEY, version bigint NOT NULL, name text NOT NULL)
"""


class Relay:
    """Sends what is unsent: select 50, publish, wait for all confirms, mark; woken by NOTIFY, polling behind it."""

    def __init__(self, database_url: str, rabbitmq_url: str) -> None:
        self._database = psycopg.connect(database_url, autocommit=True)
        self._database.execute("LISTEN outbox")
        self._unconfirmed: set[int] = set()
        self._seqs: list[int] = []
        self._tag = 0
        self._channel: Channel | None = None
        self._connection = pika.SelectConnection(
            pika.URLParameters(rabbitmq_url),
            on_open_callback=lambda opened: opened.channel(on_open_callback=self._open),
        )

    def run(self) -> None:
        """Runs until the process is ended."""
        self._connection.ioloop.start()

    def _open(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(ack_nack_callback=self._confirmed, callback=lambda _frame: self._poll())
        loop = self._connection.ioloop
        loop.add_handler(self._database.fileno(), lambda *_: self._woken(), loop.READ)

    def _woken(self) -> None:
        list(self._database.notifies(timeout=0))
        self._send()

    def _poll(self) -> None:
        self._send()
        self._connection.ioloop.call_later(POLL, self._poll)

    def _send(self) -> None:
        if self._seqs or self._channel is None:
            return
        rows = self._database.execute(
            "SELECT seq, body FROM outbox WHERE sent_at IS NULL ORDER BY seq LIMIT %s", [BATCH]
        ).fetchall()
        self._seqs = [row[0] for row in rows]
        properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")
        for _, body in rows:
            self._tag += 1
            self._unconfirmed.add(self._tag)
            self._channel.basic_publish("", QUEUE, body.encode(), properties)

    def _confirmed(self, frame: Any) -> None:
        method = frame.method
        if not isinstance(method, pika.spec.Basic.Ack):
            raise TypeError("the broker refused a message")
        if method.multiple:
            self._unconfirmed = {tag for tag in self._unconfirmed if tag > method.delivery_tag}
        else:
            self._unconfirmed.discard(method.delivery_tag)
        if not self._unconfirmed and self._seqs:
            self._database.execute("UPDATE outbox SET sent_at = now() WHERE seq = ANY (%s)", [self._seqs])
            self._seqs = []
            self._send()


def consume(database_url: str, rabbitmq_url: str) -> None:
    """Takes batches, writes inbox and effect in one transaction, then acknowledges them all at once."""
    database = psycopg.connect(database_url)
    channel = pika.BlockingConnection(pika.URLParameters(rabbitmq_url)).channel()
    channel.queue_declare(QUEUE, durable=True)
    channel.basic_qos(prefetch_count=PREFETCH)
    batch: list[bytes] = []
    tag = 0
    for method, _, body in channel.consume(QUEUE, inactivity_timeout=BATCH_WAIT):
        if method is not None:
            batch.append(body)
            tag = method.delivery_tag
        if batch and (method is None or len(batch) == BATCH):
            take_effect(database, batch)
            channel.basic_ack(tag, multiple=True)
            batch = []


def take_effect(database: "psycopg.Connection[Any]", batch: list[bytes]) -> None:
    """One transaction for a batch: the new ids, and for each of them the newest state of its key."""
    events = [orjson.loads(body) for body in batch]
    with database.transaction():
        new = {
            row[0]
            for row in database.execute(
                "INSERT INTO inbox SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING RETURNING id::text",
                [[event["id"] for event in events]],
            )
        }
        newest: dict[str, Any] = {}
        for event in events:
            if event["id"] in new and event["version"] >= newest.get(event["key"], event)["version"]:
                newest[event["key"]] = event
        database.execute(
            "INSERT INTO replica SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[])"
            " ON CONFLICT (key) DO UPDATE SET version = excluded.version, name = excluded.name"
            " WHERE replica.version < excluded.version",
            [
                list(newest),
                [event["version"] for event in newest.values()],
                [event["name"] for event in newest.values()],
            ],
        )


def prepare(rabbitmq_url: str) -> None:
    """Makes the queue exist and empty."""
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_purge(QUEUE)


if __name__ == "__main__":
    if sys.argv[1] == "relay":
        Relay(sys.argv[2], sys.argv[3]).run()
    else:
        consume(sys.argv[2], sys.argv[3])
