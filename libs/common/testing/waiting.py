"""Waiting for what happens on another thread or process: bounded, and without a fixed pause in a test."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def eventually(check: Callable[[], Result], seconds: float = 30.0, *, every: float = 0.02) -> Result:
    """Calls `check` until it returns something true, and returns that; fails with its last answer after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() >= until:
            raise AssertionError(f"not within {seconds} s: {check!r} last returned {result!r}")
        time.sleep(every)
