"""What the gateway asks of overview on its own behalf: what has arrived since a number."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gateway.clients.upstream import Upstream
from gateway.errors import ServiceUnavailable


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Events in the order of their numbers, and the number to ask after next; `lost` says that some before the first
    are no longer known."""

    items: Sequence[dict[str, Any]]
    next: int
    lost: bool


class Overview:
    """Overview's internal operations."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def arrivals(self, token: str, after: int, wait: float) -> Arrivals:
        """What has arrived after a number (-1: nothing, only the newest number), waiting for it `wait` seconds at most.
        Raises ServiceUnavailable or ServiceTimedOut."""
        path = f"/internal/arrivals?after={after}&wait={wait:g}"
        headers = {"Authorization": f"Bearer {token}"}
        status, content = self._upstream.get_json(path, headers, time.monotonic() + wait + 3)
        if status != HTTPStatus.OK:
            raise ServiceUnavailable("The live events cannot be read for the moment.", facts={"service": "overview"})
        return Arrivals(content["items"], int(content["next"]), bool(content["lost"]))
