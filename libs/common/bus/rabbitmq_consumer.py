"""Taking from RabbitMQ: one channel for all shards of a consumer, acknowledged once per batch.

Messages of all subscribed shards form one line in the order of their delivery tags, so that one acknowledgement can
cover a batch of several shards; only edits step in front of what a mass change has put there. Handlers run on another
thread, and heartbeats go on however long they take.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from pika.channel import Channel
from pika.spec import Basic

from common.bus.amqp_loop import AmqpLoop
from common.bus.port import Delivery
from common.bus.topology import queue
from common.context import Lane

Receive = Callable[[Channel, Any, Any, bytes, int], None]

# Per shard. Eight shards then hold several batches ahead, and one busy shard alone still most of a batch.
PREFETCH = 40


class RabbitSubscription:
    """One consumer's connection in this process."""

    def __init__(self, url: str, consumer: str, before_retry: Callable[[], None]) -> None:
        self._consumer = consumer
        self._loop = AmqpLoop(url, f"rabbitmq-{consumer}", self._opened, self._lost, before_retry)
        self._changed = threading.Condition()
        self._buffer: deque[Delivery] = deque()
        self._edits = 0  # how many in the buffer are of the interactive lane
        self._outstanding: Counter[int] = Counter()
        self._wanted: set[int] = set()
        self._cancelling: set[int] = set()
        self._epoch = 0
        self._channel: Channel | None = None
        self._receive: Receive | None = None
        self._loop.start()

    @property
    def connected(self) -> bool:
        return self._channel is not None

    def subscribe(self, shard: int) -> None:
        with self._changed:
            if shard in self._wanted:
                return
            self._wanted.add(shard)
        self._loop.call(lambda: self._consume(shard))

    def unsubscribe(self, shard: int) -> None:
        with self._changed:
            if shard not in self._wanted:
                return
            self._wanted.discard(shard)
            if self._channel is not None:
                self._cancelling.add(shard)
        self._loop.call(lambda: self._cancel(shard))

    def outstanding(self, shard: int) -> int:
        with self._changed:
            # Until the broker has said that it stops, more may come.
            return self._outstanding[shard] + (shard in self._cancelling)

    def next_batch(self, most: int = 50, wait: float = 0.5) -> list[Delivery]:
        until = time.monotonic() + wait
        with self._changed:
            while not self._buffer:
                left = until - time.monotonic()
                if left <= 0:
                    return []
                self._changed.wait(left)
            batch = self._pick(most)
            self._edits -= sum(delivery.lane == "interactive" for delivery in batch)
            return batch

    def _pick(self, most: int) -> list[Delivery]:
        if self._edits in {0, len(self._buffer)}:
            batch = list(islice(self._buffer, most))
            for _ in batch:
                self._buffer.popleft()
            return batch
        # What is buffered of a mass change may be seconds of work: an edit goes first, after what its key has before.
        keys = {delivery.key for delivery in self._buffer if delivery.lane == "interactive"}
        batch = list(islice((delivery for delivery in self._buffer if delivery.key in keys), most))
        taken = {delivery.tag for delivery in batch}
        self._buffer = deque(delivery for delivery in self._buffer if delivery.tag not in taken)
        return batch

    def is_current(self, batch: Sequence[Delivery]) -> bool:
        return all(delivery.epoch == self._epoch for delivery in batch)

    def settle(self, batch: Sequence[Delivery], dead: Mapping[int, str]) -> None:
        if not batch:
            return
        epoch, tags = batch[0].epoch, [delivery.tag for delivery in batch]
        with self._changed:
            if epoch != self._epoch:
                return
            self._outstanding.subtract(Counter(delivery.shard for delivery in batch))
            at_once = not self._buffer or self._buffer[0].tag > max(tags)
        self._loop.call(lambda: self._answer(epoch, tags, dead, at_once=at_once))

    def reset(self) -> None:
        with self._changed:
            self._wanted.clear()
            self._forget()
        self._loop.restart()

    def close(self) -> None:
        with self._changed:
            self._wanted.clear()
        self._loop.stop()

    def _opened(self, channel: Channel) -> None:
        with self._changed:
            self._forget()
            epoch, shards = self._epoch, sorted(self._wanted)
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.add_on_cancel_callback(lambda _frame: self._loop.restart())
        # One for all: a callback of one shard's end would be called at the end of any.
        channel.add_callback(self._ended, [Basic.CancelOk], one_shot=False)
        self._channel = channel
        self._receive = self._receiver(epoch)
        for shard in shards:
            self._consume(shard)

    def _lost(self) -> None:
        self._channel = None
        with self._changed:
            self._forget()

    def _forget(self) -> None:
        """Whatever was taken will come again, perhaps to another process."""
        self._epoch += 1
        self._buffer.clear()
        self._edits = 0
        self._outstanding.clear()
        self._cancelling.clear()

    def _receiver(self, epoch: int) -> Receive:
        def receive(_channel: Channel, method: Any, properties: Any, body: bytes, shard: int) -> None:
            lane: Lane = "bulk" if (properties.headers or {}).get("lane") == "bulk" else "interactive"
            message_id, key = properties.message_id or "", properties.correlation_id or ""
            delivery = Delivery(body, shard, method.redelivered, lane, method.delivery_tag, epoch, message_id, key)
            with self._changed:
                if epoch == self._epoch:
                    self._buffer.append(delivery)
                    self._edits += lane == "interactive"
                    self._outstanding[shard] += 1
                    self._changed.notify()

        return receive

    def _consume(self, shard: int) -> None:
        channel, receive = self._channel, self._receive
        if channel is None or not channel.is_open or shard not in self._wanted or receive is None:
            return
        tag = self._consumer_tag(shard)
        # Asked for while the channel opens, a shard is asked for twice. Asked for again while its end is on the way, it
        # is taken up when that has come.
        if tag not in channel.consumer_tags:
            channel.basic_consume(
                queue(self._consumer, shard),
                lambda ch, method, properties, body: receive(ch, method, properties, body, shard),
                consumer_tag=tag,
            )

    def _cancel(self, shard: int) -> None:
        channel, tag = self._channel, self._consumer_tag(shard)
        if channel is not None and channel.is_open and tag in channel.consumer_tags:
            channel.basic_cancel(tag, callback=lambda _frame: None)
        else:
            with self._changed:
                self._cancelling.discard(shard)

    def _ended(self, frame: Any) -> None:
        with self._changed:
            ended = {shard for shard in self._cancelling if self._consumer_tag(shard) == frame.method.consumer_tag}
            self._cancelling -= ended
        for shard in ended:
            self._loop.call(partial(self._consume, shard))

    def _consumer_tag(self, shard: int) -> str:
        return f"{queue(self._consumer, shard)}.{id(self)}"

    def _answer(self, epoch: int, tags: Sequence[int], dead: Mapping[int, str], *, at_once: bool) -> None:
        channel = self._channel
        if channel is None or not channel.is_open or epoch != self._epoch:
            return
        for tag in dead:
            channel.basic_nack(tag, requeue=False)
        good = [tag for tag in tags if tag not in dead]
        if good and at_once:
            channel.basic_ack(max(good), multiple=True)
        else:
            # Something taken earlier waits still, and must not be acknowledged with these.
            for tag in good:
                channel.basic_ack(tag)
