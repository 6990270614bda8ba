"""The gateway's own operations: who I am, live events, and the description of everything."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from common.tokens import bearer
from common.web import PUBLIC, SIGNED_IN, Call, Routes
from gateway import queries
from gateway.errors import NoSuchPath
from gateway.schemas import ExplainQuery, Explanation, Me, PrivacyExport
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


@routes.get("/api/access/explain", permission="accounts.view", query=ExplainQuery, out=Explanation, transaction=False)
def explain_access(call: Call) -> Mapping[str, Any]:
    """May this account do that, at this customer: why or why not, and who can help.

    The chain of rules in the order in which they decide: the account, the permission, where its roles were given and
    where they stop flowing down, whether the customer is archived, and the portal switch that the permission depends
    on. Access is allowed where every one passes."""
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    return queries.explanation(call.deps.upstreams, headers, call.query)


@routes.get(
    "/api/privacy-requests/<uuid:request_id>/export",
    permission="privacy.manage",
    out=PrivacyExport,
    transaction=False,
    secret=True,
)
def privacy_export(call: Call, request_id: str) -> Mapping[str, Any]:
    """Everything that is known of the subject of an export, as JSON.

    Each service that keeps originals gives its own rows and the events of its log; read models hold nothing besides.
    A service that does not answer is named in `unavailable`: ask again before you hand it over."""
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    return queries.privacy_export(call.deps.upstreams, headers, request_id)


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
