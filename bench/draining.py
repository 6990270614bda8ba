"""Waits until a table holds as many rows as it must, by asking the database seldom enough not to disturb."""

import time
from collections.abc import Callable

import psycopg

_EVERY = 0.02
_PATIENCE = 300.0


def seconds_until(url: str, count: str, wanted: int, check: Callable[[], None]) -> float:
    """Seconds from now until the query `count` says `wanted`; `check` raises where a process has ended. Raises
    TimeoutError after five minutes."""
    started = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            row = connection.execute(count.encode()).fetchone()
            took = time.perf_counter() - started
            if row is not None and row[0] >= wanted:
                return took
            check()
            if took > _PATIENCE:
                raise TimeoutError(f"only {row[0] if row else 0} of {wanted}")
            time.sleep(_EVERY)
