"""The gateway's own operations: who I am, live events, and the description of everything."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from common.tokens import bearer
from common.web import PUBLIC, SIGNED_IN, Call, Routes
from gateway import queries
from gateway.errors import NoSuchPath
from gateway.schemas import Me
from gateway.sessions import Caller

routes = Routes("Gateway", "What the gateway answers itself.")

_NUMBER = re.compile(r"\d{1,18}")
_PASSED_ON = ("Authorization", "X-Request-Id", "X-Client-Address", "X-Request-Deadline", "traceparent")


@routes.get("/api/me", permission=SIGNED_IN, portal=True, out=Me, transaction=False)
def me(call: Call) -> Mapping[str, Any]:
    """The account behind the token.

    Its permissions, its customers, and the portal switches that are in force for them. A part that does not answer is
    named in `unavailable`."""
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    return queries.me(call.deps.upstreams, headers)


@routes.get("/api/events", permission=SIGNED_IN, portal=True, transaction=False, raw=True)
def events(call: Call) -> Response:
    """Live events (server-sent events).

    One per change that the account may see; its data name what changed, not to what. `Last-Event-ID` resumes after a
    break; an event `lost` says that there is a gap. The connection ends with the token or its session."""
    if call.deps.stream is None:
        raise NoSuchPath("Live events are served by the gateway's stream process.")
    token = bearer(request.headers.get("Authorization"))
    last_seen = request.headers.get("Last-Event-ID", "")
    lines = call.deps.stream.open(
        Caller(call.principal, token), int(last_seen) if _NUMBER.fullmatch(last_seen) else None
    )
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(lines, content_type="text/event-stream", headers=headers)


@routes.get("/api/openapi.json", permission=PUBLIC, transaction=False, raw=True)
def openapi(call: Call) -> Response:
    """This description (OpenAPI 3.1)."""
    return Response(call.deps.document, content_type="application/json", headers={"Cache-Control": "no-cache"})
