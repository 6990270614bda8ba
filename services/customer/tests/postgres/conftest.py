"""Many requests at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for
from customer.tests.conftest import STAFF


@pytest.fixture
def at_once(service: Service, tokens: TestTokens) -> Callable[..., list[Any]]:
    """Sends requests from as many threads at the same moment; returns the answers in their order."""
    app_token = tokens.staff(STAFF)

    def send(requests: Sequence[Callable[[Client], Any]]) -> list[Any]:
        clients = [client_for(service, app_token) for _ in requests]
        barrier = Barrier(len(requests))

        def one(pair: tuple[Client, Callable[[Client], Any]]) -> Any:
            barrier.wait(30)
            return pair[1](pair[0])

        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(one, zip(clients, requests, strict=True)))

    return send
