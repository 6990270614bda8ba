"""Many callers at once, for the suites of this service."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from common.service import Service
from common.testing import Client, TestTokens, app_of
from warehouse.tests.conftest import EVERYTHING


def in_parallel(service: Service, tokens: TestTokens, times: int, work: Callable[[Client, int], Any]) -> list[Any]:
    """What so many calls of staff answer, which run at once."""
    app, token = app_of(service), tokens.staff(EVERYTHING)
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda number: work(Client(app, token), number), range(times)))
