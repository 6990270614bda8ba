"""The gateway's own operations: who I am, live events, and the description of everything."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from common.web import PUBLIC, SIGNED_IN, Call, Routes
from gateway import queries
from gateway.schemas import Me

routes = Routes("Gateway", "What the gateway answers itself.")

_PASSED_ON = ("Authorization", "X-Request-Id", "X-Client-Address", "X-Request-Deadline", "traceparent")


@routes.get("/api/me", permission=SIGNED_IN, portal=True, out=Me, transaction=False)
def me(call: Call) -> Mapping[str, Any]:
    """The account behind the token.

    Its permissions, its customers, and the portal switches that are in force for them. A part that does not answer is
    named in `unavailable`."""
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    return queries.me(call.deps.upstreams, call.principal, headers)


@routes.get("/api/openapi.json", permission=PUBLIC, transaction=False, raw=True)
def openapi(call: Call) -> Response:
    """This description (OpenAPI 3.1)."""
    return Response(call.deps.document, content_type="application/json", headers={"Cache-Control": "no-cache"})
