"""Publishing to RabbitMQ in batches: a window of messages goes out at once, and one wait covers all their confirms."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from pika import BasicProperties
from pika.channel import Channel
from pika.spec import Basic

from common.bus.amqp_loop import AmqpLoop
from common.bus.port import Outcome, Outgoing
from common.bus.topology import EXCHANGE, queue
from common.envelope import CONTENT_TYPE

_PERSISTENT = 2
_KEY_LENGTH = 60  # an AMQP short string has 255 bytes; keys that are cut alike are only kept in order too


class _Batch:
    """Messages on their way, and what became of each."""

    def __init__(self, messages: Sequence[Outgoing]) -> None:
        self.messages = messages
        self.outcomes: list[Outcome | None] = [None] * len(messages)
        self.open = len(messages)
        self.done = threading.Event()

    def set(self, place: int, outcome: Outcome) -> None:
        """Settles one message; the first word counts, because a return comes before its confirm."""
        if self.outcomes[place] is None:
            self.outcomes[place] = outcome

    def close(self, place: int, outcome: Outcome) -> None:
        self.set(place, outcome)
        self.open -= 1
        if not self.open:
            self.done.set()


class Publisher:
    """Publishes over one connection of its own; batches of several threads go one after another."""

    def __init__(self, url: str, before_retry: Callable[[], None]) -> None:
        self._loop = AmqpLoop(url, "rabbitmq-publisher", self._opened, self._lost, before_retry)
        self._usable = threading.Event()
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._channel: Channel | None = None
        self._depths: Channel | None = None
        self._asked = threading.Event()
        self._tag = 0
        self._waiting: dict[int, tuple[_Batch, int]] = {}
        self._batch: _Batch | None = None

    def publish(self, messages: Sequence[Outgoing], wait: float) -> list[Outcome]:
        """One outcome per message, after `wait` seconds at the latest."""
        if not messages:
            return []
        until = time.monotonic() + wait
        self._loop.start()
        with self._turn:
            while not self._usable.wait(0.05) or self._loop.blocked:
                if time.monotonic() >= until:
                    return [Outcome.FAILED] * len(messages)
                if self._loop.blocked:
                    threading.Event().wait(0.05)
            batch = _Batch(messages)
            with self._state:
                self._batch = batch
            self._loop.call(lambda: self._send(batch))
            if not batch.done.wait(max(0.0, until - time.monotonic())):
                # Confirms that come later must not be taken for those of the next attempt.
                self._loop.restart()
            with self._state:
                self._batch = None
            return [outcome or Outcome.FAILED for outcome in batch.outcomes]

    def depths(self, queues: Sequence[str], wait: float = 2.0) -> dict[str, int]:
        """Messages ready in these queues, as far as the broker says in time."""
        found: dict[str, int] = {}
        done = self._asked = threading.Event()

        def ask() -> None:
            if self._depths is None or not self._depths.is_open:
                done.set()
                return
            for number, name in enumerate(queues):
                last = number == len(queues) - 1
                self._depths.queue_declare(name, passive=True, callback=lambda frame, last=last: answer(frame, last))

        def answer(frame: Any, last: bool) -> None:
            found[frame.method.queue] = frame.method.message_count
            if last:
                done.set()

        self._loop.start()
        if queues and self._usable.wait(wait):
            self._loop.call(ask)
            done.wait(wait)
        return dict(found)

    def close(self) -> None:
        """Ends the connection."""
        self._loop.stop()

    def _opened(self, channel: Channel) -> None:
        self._tag = 0
        self._waiting.clear()
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._confirmed, callback=lambda _frame: self._ready(channel))

    def _ready(self, channel: Channel) -> None:
        self._channel = channel
        self._open_depths(channel)

    def _open_depths(self, channel: Channel) -> None:
        # A queue that is missing closes the channel that asks for it; the publishing one must not be that one.
        def opened(asking: Channel) -> None:
            asking.add_on_close_callback(lambda *_: closed())
            self._depths = asking
            self._usable.set()

        def closed() -> None:
            self._depths = None
            self._asked.set()
            self._loop.later(1.0, reopen)

        def reopen() -> None:
            if channel.is_open:
                self._open_depths(channel)

        channel.connection.channel(on_open_callback=opened)

    def _lost(self) -> None:
        self._usable.clear()
        self._channel = self._depths = None
        with self._state:
            batch = self._batch
        if batch is not None:
            for place in range(len(batch.messages)):
                batch.set(place, Outcome.FAILED)
            batch.done.set()

    def _send(self, batch: _Batch) -> None:
        channel = self._channel
        if channel is None or not channel.is_open:
            return  # `_lost` answers for the batch
        for place, message in enumerate(batch.messages):
            self._tag += 1
            self._waiting[self._tag] = (batch, place)
            channel.basic_publish(
                "" if message.only else EXCHANGE,
                queue(message.only, message.shard) if message.only else message.routing_key,
                message.body,
                BasicProperties(
                    content_type=CONTENT_TYPE,
                    delivery_mode=_PERSISTENT,
                    message_id=message.id,
                    correlation_id=message.key[:_KEY_LENGTH] or None,
                    headers={"lane": "bulk"} if message.lane == "bulk" else None,
                ),
                mandatory=message.mandatory,
            )

    def _confirmed(self, frame: Any) -> None:
        method = frame.method
        outcome = Outcome.CONFIRMED if isinstance(method, Basic.Ack) else Outcome.REJECTED
        if not method.multiple:
            self._end(method.delivery_tag, outcome)
            return
        for tag in [tag for tag in self._waiting if tag <= method.delivery_tag]:
            self._end(tag, outcome)

    def _end(self, tag: int, outcome: Outcome) -> None:
        found = self._waiting.pop(tag, None)
        if found is not None:
            found[0].close(found[1], outcome)

    def _returned(self, _channel: Channel, _method: Any, properties: BasicProperties, _body: bytes) -> None:
        for batch, place in self._waiting.values():
            if batch.messages[place].id == properties.message_id and batch.outcomes[place] is None:
                batch.set(place, Outcome.UNROUTABLE)
                return
