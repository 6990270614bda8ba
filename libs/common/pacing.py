"""How fast the bulk lane may go: at full pace when nobody else is about, a trickle while people's edits pass.

Bulk events fill the same queues as edits, since a key must keep its order; an edit therefore waits for what is already
in front of it. So the relay lets bulk events in only as fast as the slowest consumer takes them out.
"""

import time
from collections.abc import Sequence

from common.bus.port import Transport
from common.contracts import Contracts
from common.outbox_rows import Row

# Not smaller: a batch costs the same round trips whatever its size, and a small one would measure mostly those.
_SMALL, _LARGE = 100, 200
_TRICKLE, _TRICKLE_EVERY = 10, 0.05
_QUIET_AFTER = 2.0
_WORTH_SECONDS = 0.1  # a batch at full pace is what went through in this time lately
_LOOK_AGAIN = 0.02
_LOOK_WHILE_TRICKLING = 0.25


class Pacing:
    """The pace of one relay's bulk lane."""

    def __init__(self, transport: Transport, contracts: Contracts) -> None:
        self._transport = transport
        self._contracts = contracts
        self._consumers: dict[str, frozenset[str]] = {}
        self._edit_at = float("-inf")
        self._next_at = 0.0
        self._concerned: frozenset[str] = frozenset()
        self._looked_at, self._seen = float("-inf"), 0
        self._full = _SMALL
        self._counted_from, self._counted = 0.0, 0

    def has_consumers(self, event_type: str) -> bool:
        """Whether the contracts that this process knows name a consumer of a type."""
        return bool(self._consumers_of(event_type))

    def saw_interactive(self) -> None:
        """A person's edit passes: the bulk lane slows down for a while."""
        self._edit_at = time.monotonic()

    def room(self) -> int:
        """How many bulk events may be sent now."""
        now = time.monotonic()
        if now < self._next_at:
            return 0
        quiet = now - self._edit_at > _QUIET_AFTER
        size = self._full if quiet else _TRICKLE
        if self._deepest(now, 0.0 if quiet else _LOOK_WHILE_TRICKLING) > size // 2:
            self._next_at = now + _LOOK_AGAIN
            return 0
        return size

    def sent(self, rows: Sequence[Row]) -> None:
        """Remembers what was just selected for sending."""
        now = time.monotonic()
        self._concerned = frozenset().union(*(self._consumers_of(event_type) for event_type in {r.type for r in rows}))
        if rows and now - self._edit_at <= _QUIET_AFTER:
            self._next_at = now + _TRICKLE_EVERY
        self._counted += len(rows)
        if now - self._counted_from >= 0.25:
            rate = self._counted / (now - self._counted_from)
            self._full = max(_SMALL, min(_LARGE, int(rate * _WORTH_SECONDS)))
            self._counted_from, self._counted = now, 0

    def pause(self) -> float:
        """Seconds until `room` is worth asking again."""
        left = self._next_at - time.monotonic()
        return left if left > 0 else float("inf")

    def _deepest(self, now: float, every: float) -> int:
        """Messages that wait for the slowest of the consumers of what was sent last, as seen within `every` seconds."""
        if not self._concerned:
            return 0
        if now - self._looked_at < every:
            return self._seen
        total: dict[str, int] = {}
        for (consumer, _), depth in self._transport.depths(self._concerned).items():
            total[consumer] = total.get(consumer, 0) + depth
        self._looked_at, self._seen = now, max(total.values(), default=0)
        return self._seen

    def _consumers_of(self, event_type: str) -> frozenset[str]:
        known = self._consumers.get(event_type)
        if known is None:
            known = self._consumers[event_type] = self._contracts.consumers_of(event_type)
        return known
