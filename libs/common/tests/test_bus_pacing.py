"""The bulk lane: at full pace alone, a trickle beside people's edits, and never faster than the consumers."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from common import pacing
from common.outbox_rows import Row
from common.pacing import Pacing


class Now:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Depths:
    """A transport of which only the depths matter."""

    def __init__(self) -> None:
        self.waiting = 0
        self.looks = 0

    def depths(self, names: Iterable[str]) -> dict[tuple[str, int], int]:
        self.looks += 1
        return {(name, 0): self.waiting for name in names}


class Readers:
    """Contracts in which `slow` reads everything."""

    def consumers_of(self, event_type: str) -> frozenset[str]:
        return frozenset() if event_type == "unread.v1" else frozenset({"slow"})


ROW = Row(1, datetime.now(UTC), "id", "read.v1", "key", 1, 0, b"{}")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    clock = Now()
    monkeypatch.setattr(pacing, "time", clock)
    return clock


@pytest.fixture
def depths() -> Depths:
    return Depths()


@pytest.fixture
def pace(now: Now, depths: Depths) -> Pacing:
    transport: Any = depths
    contracts: Any = Readers()
    return Pacing(transport, contracts)


def go(pace: Pacing, now: Now, seconds: float) -> int:
    """Sends as much as there is room for, a batch each 10 ms; returns how many events went."""
    gone = 0
    for _ in range(int(seconds * 100)):
        room = pace.room()
        if room:
            pace.sent([ROW] * room)
        gone += room
        now.seconds += 0.01
    return gone


def test_alone_the_bulk_lane_finds_the_full_pace(pace: Pacing, now: Now) -> None:
    go(pace, now, 2.0)
    assert pace.room() == 200


def test_it_waits_while_the_slowest_consumer_is_behind(pace: Pacing, depths: Depths, now: Now) -> None:
    go(pace, now, 2.0)
    depths.waiting = 500
    assert pace.room() == 0
    assert 0 < pace.pause() < 0.1
    depths.waiting = 10
    now.seconds += 0.1
    assert pace.room() == 200


def test_for_a_slow_consumer_the_batches_become_small(pace: Pacing, depths: Depths, now: Now) -> None:
    go(pace, now, 2.0)
    depths.waiting = 500
    now.seconds += 10.0
    depths.waiting = 0
    pace.sent([ROW] * pace.room())
    assert pace.room() == 100


def test_beside_edits_it_trickles_and_after_a_while_it_goes_on(pace: Pacing, now: Now) -> None:
    pace.saw_interactive()
    assert pace.room() == 10
    pace.sent([ROW] * 10)
    assert pace.room() == 0
    now.seconds += 0.06
    assert pace.room() == 10
    now.seconds += 2.1
    assert pace.room() == 100


def test_a_trickle_looks_at_the_queues_seldom(pace: Pacing, depths: Depths, now: Now) -> None:
    pace.saw_interactive()
    for _ in range(4):
        now.seconds += 0.051
        if pace.room():
            pace.sent([ROW])
    assert depths.looks == 1


def test_with_nothing_sent_nobody_asks_for_depths(pace: Pacing, depths: Depths) -> None:
    pace.sent([ROW])
    pace.room()
    pace.sent([])
    pace.room()
    pace.room()
    assert depths.looks == 1


def test_what_nobody_reads_waits_for_nobody(pace: Pacing) -> None:
    assert not pace.has_consumers("unread.v1")
    assert pace.has_consumers("read.v1")
