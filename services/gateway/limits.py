"""How often an account or an address may call, counted in this process's memory."""

import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from gateway.errors import RateLimited


class Limits:
    """Three budgets: requests of an account (or API token), requests of an address, and logins of an address."""

    def __init__(self, *, account: str, address: str, logins: str) -> None:
        """Takes rates such as `300/second`; raises ValueError where one cannot be read."""
        self._counter = FixedWindowRateLimiter(MemoryStorage())
        self._account, self._address, self._logins = parse(account), parse(address), parse(logins)

    def account(self, account_id: str) -> None:
        """Counts a request of an account; raises RateLimited."""
        self._hit(self._account, "account", account_id)

    def address(self, address: str) -> None:
        """Counts a request from an address; raises RateLimited."""
        self._hit(self._address, "address", address)

    def login(self, address: str) -> None:
        """Counts a request without a token that changes something, such as a login; raises RateLimited."""
        self._hit(self._logins, "login", address)

    def _hit(self, rate: RateLimitItem, kind: str, key: str) -> None:
        if not self._counter.hit(rate, kind, key):
            free_at = self._counter.get_window_stats(rate, kind, key).reset_time
            wait = max(1, round(free_at - time.time()))
            raise RateLimited(f"Too many requests; try again in {wait} s.", facts={"retry_after": wait})
