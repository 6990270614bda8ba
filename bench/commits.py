"""Time from one transaction's commit to another's, by the commit times that PostgreSQL itself keeps.

Both databases are on one server, so both times are of one clock; nothing is added to what is measured.
"""

import time
from dataclasses import dataclass

import psycopg

from bench.client import percentile

_PATIENCE = 60.0
_EVERY = 0.2

Rows = tuple[str, str]  # an address, and a query of (event id, xmin of the row that the transaction left)


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds from commit to effect, one per write; `missing` are writes without an effect."""

    milliseconds: list[float]
    missing: int

    def percentile(self, percent: float) -> float:
        """A percentile in milliseconds."""
        return percentile(self.milliseconds, percent)


def latencies(written: Rows, seen: Rows, count: int) -> Latencies:
    """Waits until all `count` writes are seen, a minute at most, and tells how long each took."""
    causes = commit_times(*written)
    if len(causes) != count:
        raise RuntimeError(f"{count} writes left {len(causes)} rows")
    until = time.monotonic() + _PATIENCE
    while True:
        effects = commit_times(*seen)
        found = [1000 * (effects[event_id] - at) for event_id, at in causes.items() if event_id in effects]
        if len(found) == count or time.monotonic() > until:
            return Latencies(found, count - len(found))
        time.sleep(_EVERY)


def commit_times(url: str, query: str) -> dict[str, float]:
    """The seconds at which the transactions committed that left the rows of a query: (name, xmin)."""
    with psycopg.connect(url) as connection:
        timed = f"SELECT id, extract(epoch FROM pg_xact_commit_timestamp(xid)) FROM ({query}) AS rows (id, xid)"  # noqa: S608
        return {row[0]: float(row[1]) for row in connection.execute(timed.encode()).fetchall()}
