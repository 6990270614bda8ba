"""When the gateway may be sent requests: sessions can be checked and, just after its start, all services are there.

Later a service that is down is no reason to take the gateway away: everything else goes on through it.
"""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

import orjson
from flask import Flask, Response

from common.errors import Refusal
from gateway.clients.upstream import Upstream
from gateway.sessions import Revocations

_START = 60.0
_PATIENCE = 1.0


class Readiness:
    """Asked again and again by whoever starts or watches this process."""

    def __init__(
        self, upstreams: Mapping[str, Upstream], revocations: Revocations, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._upstreams = upstreams
        self._revocations = revocations
        self._clock = clock
        self._wait_until = clock() + _START
        self._seen: set[str] = set()

    def missing(self) -> list[str]:
        """What is waited for; nothing means ready."""
        self._revocations.start()
        missing = [] if self._revocations.ready else ["sessions"]
        if self._clock() < self._wait_until:
            missing += [name for name in self._upstreams if not self._has_been_ready(name)]
        return missing

    def _has_been_ready(self, name: str) -> bool:
        if name not in self._seen:
            try:
                status, _ = self._upstreams[name].get_json("/readyz", {}, time.monotonic() + _PATIENCE)
            except Refusal:
                return False
            if status == HTTPStatus.OK:
                self._seen.add(name)
        return name in self._seen


def install(app: Flask, readiness: Readiness) -> None:
    """Answers `/readyz` in place of the usual view, which asks a database."""

    def readyz() -> Response:
        missing = readiness.missing()
        content = orjson.dumps({"status": "waiting", "missing": missing} if missing else {"status": "ready"})
        return Response(content, status=503 if missing else 200, content_type="application/json")

    app.view_functions["readyz"] = readyz
