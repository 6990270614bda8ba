"""What the gateway asks of identity on its own behalf: ended sessions, and access tokens for API tokens."""

import time
from http import HTTPStatus

from common.tokens import TokenRefused
from gateway.clients.upstream import Upstream
from gateway.errors import ServiceUnavailable
from gateway.sessions import News

# Short, so that identity's silence is noticed long before the sessions count as unknown.
_WAIT = 4


class Identity:
    """Identity's internal operations."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def revocations(self, known: str) -> News:
        """Waits a few seconds at most for sessions that ended since `known`; raises ServiceUnavailable or
        ServiceTimedOut."""
        path = f"/internal/revocations?known={known}&wait={_WAIT if known else 0}"
        status, content = self._upstream.get_json(path, {}, time.monotonic() + _WAIT + 3)
        if status != HTTPStatus.OK:
            raise ServiceUnavailable("Identity does not tell which sessions have ended.", facts={"service": "identity"})
        return News(str(content["known"]), frozenset(content["revoked"]))

    def exchange(self, api_token: str) -> str:
        """An access token for an API token; raises TokenRefused where it is not, or no longer, good."""
        status, content = self._upstream.post_json(
            "/internal/token-exchange", {"token": api_token}, time.monotonic() + 3
        )
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}:
            raise TokenRefused("This API token is not known, was rotated, or has expired.")
        if status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise ServiceUnavailable("Identity cannot check API tokens for the moment.", facts={"service": "identity"})
        return str(content["access_token"])
