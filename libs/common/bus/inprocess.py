"""The transport inside one process: a message is confirmed only when every consumer has committed it.

Nothing is stored here. A process that ends loses its queues and no event, because the rows of the outbox are marked
only after the confirm and are sent again by the next process.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from uuid_utils import UUID

from common.bus.port import BEATS, CONFIRM_SECONDS, DeadLetter, Delivery, Outcome, Outgoing, Types
from common.bus.topology import bindings
from common.envelope import SHARDS
from common.ids import is_id

_MOST_BEATS = 100


@dataclass(slots=True)
class _Message:
    """One published message on its way to several consumers."""

    outgoing: Outgoing
    redelivered: bool
    waiting: set[str] = field(default_factory=set)  # consumers that have not committed it


class InProcessBroker:
    """Built once per process and shared by all its services. With `repeat_every=n` each n-th message is delivered
    twice, as a broker may do at any time."""

    def __init__(self, *, repeat_every: int = 0) -> None:
        self._changed = threading.Condition()
        self._routes: dict[str, set[str]] = {}
        self._queues: dict[tuple[str, int], deque[_Message]] = {}
        self._dead: dict[str, list[tuple[_Message, str]]] = {}
        self._closed = False
        self._repeat_every = repeat_every
        self._published = 0
        self._started_ms = time.time() * 1000

    def declare(self, consumers: Types) -> None:
        with self._changed:
            for consumer, types in consumers.items():
                for shard in (*range(SHARDS), BEATS):
                    self._queues.setdefault((consumer, shard), deque(maxlen=_MOST_BEATS if shard == BEATS else None))
                for _, routing_key in bindings(consumer, tuple(types)):
                    self._routes.setdefault(routing_key, set()).add(consumer)

    def remove(self, consumer: str) -> None:
        with self._changed:
            for readers in self._routes.values():
                readers.discard(consumer)
            for shard in (*range(SHARDS), BEATS):
                for message in self._queues.pop((consumer, shard), ()):
                    message.waiting.discard(consumer)
            self._dead.pop(consumer, None)
            self._changed.notify_all()

    def publish(self, batch: Sequence[Outgoing], wait: float = CONFIRM_SECONDS) -> list[Outcome]:
        until = time.monotonic() + wait
        with self._changed:
            messages = [self._route(outgoing) for outgoing in batch]
            self._changed.notify_all()
            while any(message is not None and message.waiting for message in messages) and not self._closed:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            outcomes = [self._outcome(outgoing, message) for outgoing, message in zip(batch, messages, strict=True)]
            self._withdraw([message for message in messages if message is not None and message.waiting])
        return outcomes

    def depths(self, consumers: Iterable[str]) -> dict[tuple[str, int], int]:
        wanted = set(consumers)
        with self._changed:
            return {place: len(waiting) for place, waiting in self._queues.items() if place[0] in wanted}

    def consume(self, consumer: str) -> "InProcessSubscription":
        return InProcessSubscription(self, consumer)

    def dead_letters(self, consumer: str, most: int = 100) -> list[DeadLetter]:
        with self._changed:
            found = self._dead.get(consumer, [])[:most]
        return [DeadLetter(message.outgoing.body, reason, message.outgoing.shard) for message, reason in found]

    def dead_count(self, consumer: str) -> int:
        with self._changed:
            return len(self._dead.get(consumer, ()))

    def revive(self, consumer: str) -> int:
        with self._changed:
            letters = self._dead.pop(consumer, [])
            for message, _ in letters:
                self._queues[consumer, message.outgoing.shard].append(_Message(message.outgoing, redelivered=False))
            self._changed.notify_all()
        return len(letters)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _route(self, outgoing: Outgoing) -> _Message | None:
        if outgoing.only:
            readers = {outgoing.only} if (outgoing.only, outgoing.shard) in self._queues else set()
        else:
            readers = self._routes.get(outgoing.routing_key, set())
        if not readers:
            return None
        message = _Message(outgoing, redelivered=not outgoing.only and self._may_be_old(outgoing.id))
        self._published += 1
        twice = self._repeat_every and self._published % self._repeat_every == 0
        for consumer in readers:
            self._queues[consumer, outgoing.shard].append(message)
            if twice:
                self._queues[consumer, outgoing.shard].append(message)
        # Nobody waits for a heartbeat.
        message.waiting = set() if outgoing.shard == BEATS else set(readers)
        return message

    def _may_be_old(self, message_id: str) -> bool:
        """Whether an event is older than this broker, so that a process before this one may have ended over it."""
        return is_id(message_id) and bool((moment := UUID(message_id).timestamp) and moment < self._started_ms)

    def _outcome(self, outgoing: Outgoing, message: _Message | None) -> Outcome:
        if message is None:
            return Outcome.UNROUTABLE if outgoing.mandatory else Outcome.CONFIRMED
        return Outcome.FAILED if message.waiting else Outcome.CONFIRMED

    def _withdraw(self, messages: Sequence[_Message]) -> None:
        """Takes back what nobody has taken yet, because the sender will send it again."""
        gone = {id(message) for message in messages}
        if not gone:
            return
        for place, waiting in self._queues.items():
            kept = [message for message in waiting if id(message) not in gone]
            self._queues[place] = deque(kept, maxlen=waiting.maxlen)

    # What follows is for the subscriptions.

    def take(self, consumer: str, shards: Iterable[int], most: int) -> list[_Message]:
        """Takes messages off the queues of some shards; call it under `changed`."""
        taken: list[_Message] = []
        for shard in shards:
            waiting = self._queues.get((consumer, shard))
            while waiting and len(taken) < most:
                taken.append(waiting.popleft())
        return taken

    def give_back(self, consumer: str, messages: Sequence[_Message]) -> None:
        """Puts messages back in front, in their order."""
        with self._changed:
            for message in reversed(messages):
                message.redelivered = True
                place = (consumer, message.outgoing.shard)
                if place in self._queues:
                    self._queues[place].appendleft(message)
            self._changed.notify_all()

    def committed(self, consumer: str, messages: Sequence[_Message], dead: Sequence[tuple[_Message, str]]) -> None:
        """Notes what a consumer has finished with."""
        with self._changed:
            self._dead.setdefault(consumer, []).extend(dead)
            for message in messages:
                message.waiting.discard(consumer)
            self._changed.notify_all()

    @property
    def changed(self) -> threading.Condition:
        """Notified whenever a message comes, goes or ends."""
        return self._changed


class InProcessSubscription:
    """One consumer's hold on its shards in this process."""

    def __init__(self, broker: InProcessBroker, consumer: str) -> None:
        self._broker = broker
        self._consumer = consumer
        self._shards: list[int] = []
        self._taken: dict[int, _Message] = {}
        self._tag = 0
        self._epoch = 0

    @property
    def connected(self) -> bool:
        return True

    def subscribe(self, shard: int) -> None:
        with self._broker.changed:
            if shard not in self._shards:
                self._shards.append(shard)
            self._broker.changed.notify_all()

    def unsubscribe(self, shard: int) -> None:
        with self._broker.changed:
            if shard in self._shards:
                self._shards.remove(shard)

    def outstanding(self, shard: int) -> int:
        with self._broker.changed:
            return sum(message.outgoing.shard == shard for message in self._taken.values())

    def next_batch(self, most: int = 50, wait: float = 0.5) -> list[Delivery]:
        until = time.monotonic() + wait
        with self._broker.changed:
            while not (messages := self._broker.take(self._consumer, self._turn(), most)):
                left = until - time.monotonic()
                if left <= 0:
                    return []
                self._broker.changed.wait(left)
            return [self._deliver(message) for message in messages]

    def is_current(self, batch: Sequence[Delivery]) -> bool:
        return all(delivery.epoch == self._epoch for delivery in batch)

    def settle(self, batch: Sequence[Delivery], dead: Mapping[int, str]) -> None:
        with self._broker.changed:
            ended = [delivery for delivery in batch if delivery.epoch == self._epoch]
            messages = {delivery.tag: self._taken.pop(delivery.tag) for delivery in ended}
        self._broker.committed(
            self._consumer,
            list(messages.values()),
            [(messages[tag], reason) for tag, reason in dead.items() if tag in messages],
        )

    def reset(self) -> None:
        with self._broker.changed:
            self._shards.clear()
            self._epoch += 1
            messages = list(self._taken.values())
            self._taken.clear()
        self._broker.give_back(self._consumer, messages)

    def close(self) -> None:
        self.reset()

    def _turn(self) -> list[int]:
        """The shards, another one first each time, so that a full one does not starve the others."""
        if self._shards:
            self._shards.append(self._shards.pop(0))
        return self._shards

    def _deliver(self, message: _Message) -> Delivery:
        self._tag += 1
        self._taken[self._tag] = message
        sent = message.outgoing
        return Delivery(
            sent.body, sent.shard, message.redelivered, sent.lane, self._tag, self._epoch, sent.id, sent.key
        )
