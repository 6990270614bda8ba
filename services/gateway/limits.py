"""How often an account or an address may call, counted in this process's memory.

Our own thirty lines: the library `limits` starts a timer thread every few calls to count in memory, which cost
more than the rest of a request.
"""

import math
import re
import time
from collections.abc import Callable

from gateway.errors import RateLimited

_RATE = re.compile(r"(\d+)\s*/\s*(second|minute|hour)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


class Budget:
    """So many calls per key within each second, minute or hour. A window that ends is forgotten as a whole."""

    def __init__(self, rate: str, clock: Callable[[], float]) -> None:
        """Takes a rate such as `300/second`; raises ValueError where it cannot be read."""
        match = _RATE.fullmatch(rate.strip())
        if match is None:
            raise ValueError(f"{rate!r} is no rate such as 300/second")
        self._most = int(match[1])
        self._length = _SECONDS[match[2]]
        self._clock = clock
        self._window = 0
        self._counts: dict[str, int] = {}

    def spend(self, key: str) -> None:
        """Counts a call; raises RateLimited."""
        now = self._clock()
        window = int(now // self._length)
        if window != self._window:
            self._window, self._counts = window, {}
        # Two threads may count one call between them; a limit need not be exact to that degree.
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count > self._most:
            wait = max(1, math.ceil((window + 1) * self._length - now))
            raise RateLimited(f"Too many requests; try again in {wait} s.", facts={"retry_after": wait})


class Limits:
    """Three budgets: requests of an account (or API token), requests of an address, and logins of an address."""

    def __init__(self, *, account: str, address: str, logins: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes the three rates; raises ValueError where one cannot be read."""
        self.account = Budget(account, clock)
        self.address = Budget(address, clock)
        self.logins = Budget(logins, clock)
