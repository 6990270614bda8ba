"""The transport over RabbitMQ (3.10 and later, 4.x): topology, dead letters, and the two connections of a process.

Publishing and taking use separate connections, because an alarm of the broker blocks those that publish.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker

from common.bus.amqp_loop import parameters
from common.bus.port import BEATS, CONFIRM_SECONDS, DeadLetter, Outcome, Outgoing, TopologyMismatch, Types
from common.bus.rabbitmq_consumer import RabbitSubscription
from common.bus.rabbitmq_publisher import Publisher
from common.bus.topology import EXCHANGE, bindings, dead_queue, queue
from common.envelope import SHARDS

_PRECONDITION_FAILED, _NOT_FOUND = 406, 404
# Far above what our own count of crashes allows, since a shard that moves and a process that ends count here too.
_DELIVERY_LIMIT = 50
_NEVER = 1_000_000


class RabbitMQ:
    """Built once per process; `queue_type` is `classic` or, in production, `quorum`."""

    def __init__(self, url: str, *, queue_type: str = "classic") -> None:
        # pika tells a refused connection in a dozen lines of its own; ours says it in one.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        self._url = url
        self._queue_type = queue_type
        self._publisher = Publisher(url, self._declare_again)
        self._subscriptions: list[RabbitSubscription] = []
        self._declared: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def declare(self, consumers: Types) -> None:
        """Raises ConnectionError where the broker does not answer, TopologyMismatch where it knows it otherwise."""
        known = {consumer: tuple(types) for consumer, types in consumers.items()}
        with self._channel() as channel:
            _or_explain(f"exchange {EXCHANGE}", lambda: channel.exchange_declare(EXCHANGE, "topic", durable=True))
            for consumer, types in known.items():
                self._declare_queues(channel, consumer)
                for name, routing_key in bindings(consumer, types):
                    channel.queue_bind(name, EXCHANGE, routing_key)
        with self._lock:
            self._declared |= known

    def remove(self, consumer: str) -> None:
        with self._lock:
            self._declared.pop(consumer, None)
        with self._channel() as channel:
            for name in (*(queue(consumer, shard) for shard in (*range(SHARDS), BEATS)), dead_queue(consumer)):
                channel.queue_delete(name)

    def publish(self, batch: Sequence[Outgoing], wait: float = CONFIRM_SECONDS) -> list[Outcome]:
        return self._publisher.publish(batch, wait)

    def depths(self, consumers: Iterable[str]) -> dict[tuple[str, int], int]:
        places = {queue(consumer, shard): (consumer, shard) for consumer in consumers for shard in range(SHARDS)}
        return {places[name]: depth for name, depth in self._publisher.depths(list(places)).items()}

    def consume(self, consumer: str) -> RabbitSubscription:
        subscription = RabbitSubscription(self._url, consumer, self._declare_again)
        with self._lock:
            self._subscriptions.append(subscription)
        return subscription

    def dead_letters(self, consumer: str, most: int = 100) -> list[DeadLetter]:
        found: list[DeadLetter] = []
        with self._channel() as channel:
            # Not acknowledged: closing the channel puts them back where they were.
            for _method, properties, body in _each(channel, dead_queue(consumer)):
                source, reason = _death(properties)
                found.append(DeadLetter(body, reason, _shard(source)))
                if len(found) == most:
                    break
        return found

    def dead_count(self, consumer: str) -> int:
        with self._channel() as channel:
            try:
                return int(channel.queue_declare(dead_queue(consumer), passive=True).method.message_count)
            except ChannelClosedByBroker as error:
                if error.reply_code != _NOT_FOUND:
                    raise
                return 0

    def revive(self, consumer: str) -> int:
        count = 0
        with self._channel() as channel:
            channel.confirm_delivery()
            most = channel.queue_declare(dead_queue(consumer), passive=True).method.message_count
            for method, properties, body in _each(channel, dead_queue(consumer)):
                source, _ = _death(properties)
                properties.headers = {k: v for k, v in (properties.headers or {}).items() if k == "lane"}
                channel.basic_publish("", source, body, properties, mandatory=True)
                channel.basic_ack(method.delivery_tag)
                count += 1
                if count == most:
                    break
        return count

    def close(self) -> None:
        with self._lock:
            subscriptions = list(self._subscriptions)
        for subscription in subscriptions:
            subscription.close()
        self._publisher.close()

    def _declare_again(self) -> None:
        """Before each reconnection: a broker that lost its queues gets them back."""
        with self._lock:
            known = dict(self._declared)
        try:
            if known:
                self.declare(known)
        except (ConnectionError, TopologyMismatch):
            # The connection that is made next meets the same, and says so.
            return

    def _declare_queues(self, channel: BlockingChannel, consumer: str) -> None:
        dead = dead_queue(consumer)
        quorum = self._queue_type == "quorum"
        kind: dict[str, Any] = {"x-queue-type": self._queue_type}
        # A look at a dead letter counts as a delivery too.
        wanted = {dead: kind | ({"x-delivery-limit": _NEVER} if quorum else {})}
        arguments = kind | {
            "x-single-active-consumer": True,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead,
        }
        if quorum:
            arguments |= {
                "x-delivery-limit": _DELIVERY_LIMIT,
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
                "x-max-length": _NEVER,
            }
        wanted |= {queue(consumer, shard): arguments for shard in range(SHARDS)}
        # Nobody needs an old heartbeat, and none may become a dead letter.
        wanted[queue(consumer, BEATS)] = {"x-queue-type": "classic", "x-message-ttl": 15_000, "x-max-length": 1_000}
        for name, its in wanted.items():
            _or_explain(
                f"queue {name} (wanted: {its})",
                lambda name=name, its=its: channel.queue_declare(name, durable=True, arguments=its),  # type: ignore[misc]
            )

    @contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        """A short connection for what is rare."""
        try:
            connection = pika.BlockingConnection(parameters(self._url))
        except (AMQPConnectionError, OSError, ValueError) as error:
            # ValueError is what pika says of a connection that ends while it is being made.
            raise ConnectionError(f"the broker does not answer: {error!r}") from error
        try:
            yield connection.channel()
        except AMQPConnectionError as error:
            raise ConnectionError(f"the broker went away: {error!r}") from error
        finally:
            if connection.is_open:
                connection.close()


def _or_explain(what: str, declare: Callable[[], Any]) -> None:
    try:
        declare()
    except ChannelClosedByBroker as error:
        if error.reply_code != _PRECONDITION_FAILED:
            raise
        raise TopologyMismatch(f"the broker knows another {what}: {error.reply_text}") from error


def _each(channel: BlockingChannel, name: str) -> Iterator[tuple[Any, Any, bytes]]:
    while True:
        method, properties, body = channel.basic_get(name)
        if method is None:
            return
        yield method, properties, body


def _death(properties: Any) -> tuple[str, str]:
    """Which queue a dead letter comes from, and why."""
    deaths = (properties.headers or {}).get("x-death") or [{}]
    return str(deaths[0].get("queue", "")), str(deaths[0].get("reason", "unknown"))


def _shard(name: str) -> int:
    _, _, last = name.rpartition(".s")
    return int(last) if last.isdigit() else 0
