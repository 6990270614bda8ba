"""What relay, inbox and replay need of a transport: publish with confirms, consume by shard, depths and dead letters.

Both adapters keep the order of one partition key within a shard and deliver at least once; the inbox turns that into
one effect. A batch that is published or taken is the unit everywhere, because one confirm or one commit per event is
what makes a bus slow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from common.context import Lane
from common.envelope import SHARDS, Event, encode

BEATS = SHARDS  # the queue beside the shards that carries heartbeats; every worker takes from it
CONFIRM_SECONDS = 10.0

Types = Mapping[str, Iterable[str]]  # consumer -> the event types that it reads


class TopologyMismatch(SystemExit):
    """The broker holds a queue or exchange of the same name with other arguments: an operator must decide."""


class Outcome(Enum):
    """What became of one published message."""

    CONFIRMED = "confirmed"  # safe in every queue that is bound (in-process: committed by every consumer)
    UNROUTABLE = "unroutable"  # no queue is bound; the message is gone
    REJECTED = "rejected"  # the broker refused this one, a queue may be full
    FAILED = "failed"  # no answer: nothing is known, the same message is sent again


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish. `only` names the single consumer that gets it (replays); a message that is not
    `mandatory` may reach nobody. Messages of one `key` keep their order."""

    id: str
    type: str
    shard: int
    body: bytes
    lane: Lane = "interactive"
    mandatory: bool = True
    only: str = ""
    key: str = ""

    @property
    def routing_key(self) -> str:
        return f"{self.type}.s{self.shard}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message taken and not yet settled. `tag` orders those of one `epoch`, which ends with its connection."""

    body: bytes
    shard: int
    redelivered: bool = False
    lane: Lane = "interactive"
    tag: int = 0
    epoch: int = 0
    id: str = ""
    key: str = ""

    @classmethod
    def of(cls, event: Event, *, redelivered: bool = False, lane: Lane = "interactive") -> "Delivery":
        """An event as a transport would hand it over."""
        return cls(encode(event), event.shard, redelivered=redelivered, lane=lane, id=event.id, key=event.partition_key)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that nobody can handle: `reason` says why in a few words."""

    body: bytes
    reason: str
    shard: int


class Subscription(Protocol):
    """One consumer's view of its queues, in one process. Taken in order; settled in the order taken.

    `subscribe` and `unsubscribe` may be called from any thread; `next_batch` and `settle` from one thread at a time."""

    @property
    def connected(self) -> bool:
        """Whether messages can arrive."""
        ...

    def subscribe(self, shard: int) -> None:
        """Starts taking from a shard's queue, also again after each reconnection."""
        ...

    def unsubscribe(self, shard: int) -> None:
        """Takes nothing more from a shard. What was taken stays to be settled; see `outstanding`."""
        ...

    def outstanding(self, shard: int) -> int:
        """How many deliveries of a shard are taken and not settled, buffered ones included."""
        ...

    def next_batch(self, most: int = 50, wait: float = 0.5) -> list[Delivery]:
        """Up to `most` deliveries as soon as there is one; an empty list after `wait` seconds. Edits of people, with
        what came earlier for their keys, may go before what of a mass change was taken earlier."""
        ...

    def is_current(self, batch: Sequence[Delivery]) -> bool:
        """False once these deliveries will come again, to this or another process."""
        ...

    def settle(self, batch: Sequence[Delivery], dead: Mapping[int, str]) -> None:
        """Ends the deliveries of one `next_batch`, or a head of it: all are acknowledged at once, except those whose
        tag is in `dead` (tag -> reason), which go to the consumer's dead letters."""
        ...

    def reset(self) -> None:
        """Gives back whatever is not settled and subscribes to nothing: another process may hold the shards now."""
        ...

    def close(self) -> None:
        """Gives back whatever is not settled and ends."""
        ...


class Transport(Protocol):
    """How messages travel. Safe to build before a fork and to call from several threads; connects on first use and
    again for ever."""

    def declare(self, consumers: Types) -> None:
        """Makes the queues of these consumers exist and bound; repeating it is safe. Raises TopologyMismatch."""
        ...

    def remove(self, consumer: str) -> None:
        """Deletes the queues of a consumer (an old generation), with what is in them."""
        ...

    def publish(self, batch: Sequence[Outgoing], wait: float = CONFIRM_SECONDS) -> list[Outcome]:
        """Sends a batch in order and returns when each message has its outcome, at the latest after `wait` seconds."""
        ...

    def depths(self, consumers: Iterable[str]) -> dict[tuple[str, int], int]:
        """Messages waiting per consumer and shard, those already taken not counted. Unknown queues are left out."""
        ...

    def consume(self, consumer: str) -> Subscription:
        """A subscription of a declared consumer, to no shard yet."""
        ...

    def dead_letters(self, consumer: str, most: int = 100) -> list[DeadLetter]:
        """A look at a consumer's dead letters, oldest first; they stay where they are."""
        ...

    def dead_count(self, consumer: str) -> int:
        """How many dead letters a consumer has."""
        ...

    def revive(self, consumer: str) -> int:
        """Puts a consumer's dead letters back into its queues, after a correction; returns how many."""
        ...

    def close(self) -> None:
        """Ends every connection; unfinished publishing is FAILED."""
        ...
