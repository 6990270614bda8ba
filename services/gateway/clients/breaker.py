"""A circuit breaker: after many failures a service is left alone for a moment instead of being waited for."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Opens when at least half of at least 20 calls within 10 s failed; after 5 s one call at a time tries again, and
    the first success closes it."""

    WINDOW = 10.0
    CALLS = 20
    PAUSE = 5.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._window_from = clock()
        self._calls = 0
        self._failures = 0
        self._open = False
        self._next_try = 0.0

    def wait(self) -> float:
        """Seconds until a call may be made; 0 means now. While open, every 5 s one caller is let through."""
        if not self._open:
            return 0.0
        with self._lock:
            left = self._next_try - self._clock()
            if left > 0:
                return left
            self._next_try = self._clock() + self.PAUSE
            return 0.0

    def succeeded(self) -> None:
        """A call was answered."""
        self._count(failed=False)
        if self._open:
            with self._lock:
                self._open = False
                self._calls = self._failures = 0

    def failed(self) -> None:
        """A call was not answered."""
        with self._lock:
            self._count(failed=True)
            if self._calls >= self.CALLS and self._failures * 2 >= self._calls:
                self._open, self._next_try = True, self._clock() + self.PAUSE

    def _count(self, *, failed: bool) -> None:
        # Two successes that count as one under a race change nothing that matters; no lock on the hot path.
        now = self._clock()
        if now - self._window_from > self.WINDOW:
            self._window_from, self._calls, self._failures = now, 0, 0
        self._calls += 1
        self._failures += failed
