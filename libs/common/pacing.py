"""How fast the bulk lane may go: at full pace when nobody else is about, a trickle while people's edits pass.

Bulk events fill the same queues as edits, since a key must keep its order; an edit therefore waits for what is already
in front of it. So the relay lets bulk events in only as fast as the slowest consumer takes them out.
"""

import time
from collections.abc import Sequence

from common.bus.port import Transport
from common.contracts import Contracts
from common.outbox_rows import Row

_FULL, _TRICKLE = 200, 20
_TRICKLE_EVERY = 0.05
_QUIET_AFTER = 2.0
_DEEP = 200
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
        if self._deepest(now, 0.0 if quiet else _LOOK_WHILE_TRICKLING) > (_DEEP if quiet else _TRICKLE):
            self._next_at = now + _LOOK_AGAIN
            return 0
        return _FULL if quiet else _TRICKLE

    def sent(self, rows: Sequence[Row]) -> None:
        """Remembers what was just selected for sending."""
        now = time.monotonic()
        self._concerned = frozenset().union(*(self._consumers_of(event_type) for event_type in {r.type for r in rows}))
        if rows and now - self._edit_at <= _QUIET_AFTER:
            self._next_at = now + _TRICKLE_EVERY

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
