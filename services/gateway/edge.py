"""The WSGI application in front: checks each request and passes it to its service, without a web framework in between.

Everything here runs for every request of every client, so it does only what a gateway must: who calls, may they go on,
which service. Bodies are passed on unread; what the gateway composes itself goes to the Flask application behind.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from common import metrics
from common.errors import Refusal
from gateway.answers import SECURITY, STATUS_LINES, Headers, failure, problem
from gateway.clients.connection import Answer
from gateway.clients.upstream import Upstream
from gateway.dispatch import Asked
from gateway.dispatch import answer as shared_answer
from gateway.errors import MethodNotAllowed, NoSuchPath
from gateway.limits import Limits
from gateway.requests import Request, unix
from gateway.routing import PREFIX, Route, Router
from gateway.sessions import Revocations, Sessions

log = logging.getLogger(__name__)
access_log = logging.getLogger("atrium.access")

MAX_JSON = 10 * 1024 * 1024

# Connection headers (RFC 9110, 7.6.1), and what this process or its web server says itself.
_OURS = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "upgrade", "trailer", "server", "date", "x-request-id"}
    | {"strict-transport-security", *(name.lower() for name, _ in SECURITY)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the edge insists on; see `Settings`."""

    allowed_hosts: frozenset[str]
    trusted_proxies: int
    upload_limit: int
    deadline: float
    upload_deadline: float
    https: bool


class Edge:
    """Calls one of the upstreams, or `views` for the gateway's own views and for everything outside of `/api`."""

    def __init__(
        self,
        router: Router,
        upstreams: Mapping[str, Upstream],
        sessions: Sessions,
        revocations: Revocations,
        limits: Limits,
        rules: Rules,
        views: WSGIApplication,
    ) -> None:
        self._router = router
        self._upstreams = upstreams
        self._sessions = sessions
        self._revocations = revocations
        self._limits = limits
        self._rules = rules
        self._views = views
        self._security = list(SECURITY)
        if rules.https:
            self._security.append(("Strict-Transport-Security", "max-age=31536000"))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._revocations.start()
        if not environ["PATH_INFO"].startswith(PREFIX + "/"):
            return self._views(environ, start_response)
        started = time.perf_counter()
        request = Request(environ, self._rules.trusted_proxies)
        body: Iterable[bytes]
        try:
            route = self._admit(request)
            if not route.service:
                environ = request.environ_for_views(time.time() + self._rules.deadline)
                return self._views(environ, self._with_security(start_response))
            status, headers, body = self._forward(request, route)
        except Refusal as refusal:
            status, headers, body = problem(refusal, request.id)
        except Exception:
            log.exception("unexpected failure", extra={"request_id": request.id})
            status, headers, body = failure(request.id)
        headers.append(("X-Request-Id", request.id))
        start_response(STATUS_LINES.get(status, f"{status} Unknown"), headers + self._security)
        self._record(request, status, time.perf_counter() - started)
        return body

    def close(self) -> None:
        """Stops listening for ended sessions and closes the idle connections."""
        self._revocations.stop()
        for upstream in self._upstreams.values():
            upstream.close()

    def _admit(self, request: Request) -> Route:
        """The route of a request that may go on; raises a Refusal."""
        request.read_head(self._rules.allowed_hosts)
        self._limits.address.spend(request.client)
        route = self._route(request)
        if route.anonymous:
            if not request.is_read:
                self._limits.logins.spend(request.client)
            return route
        self._revocations.refuse_before_first_news()
        request.caller = self._sessions.caller(request.environ.get("HTTP_AUTHORIZATION"))
        self._limits.account.spend(request.caller.principal.account_id)
        if not request.is_read:
            self._revocations.refuse_unknown()
        return route

    def _route(self, request: Request) -> Route:
        method = "GET" if request.method == "HEAD" else request.method
        route, methods = self._router.match(method, request.path)
        if route is not None:
            request.route = route.path
            return route
        if methods:
            allowed = ", ".join(sorted(methods))
            raise MethodNotAllowed(f"This path takes {allowed}.", facts={"allowed": allowed})
        raise NoSuchPath("There is nothing at this address; /api/docs lists what there is.")

    def _forward(self, request: Request, route: Route) -> tuple[int, Headers, Iterable[bytes]]:
        rules = self._rules
        deadline = time.monotonic() + (rules.upload_deadline if route.upload else rules.deadline)
        length, pieces = request.body(rules.upload_limit if route.upload else MAX_JSON, streamed=route.upload)

        def ask(service: str, body: Iterable[bytes]) -> Answer:
            upstream = self._upstreams[service]
            head = request.head_for(upstream.host, length, unix(deadline))
            return upstream.send("GET" if request.is_read else request.method, head, body, deadline)

        if route.dispatch:
            _path, _mark, query = request.target.partition("?")
            content_type = request.environ.get("CONTENT_TYPE", "")
            answer = shared_answer(route, Asked(request.path, query, content_type, pieces), ask)
        else:
            answer = ask(route.service, pieces)
        headers = [(name, _public(name, value)) for name, value in answer.headers if name not in _OURS]
        if request.method == "HEAD":
            answer.close()
            return answer.status, headers, ()
        return answer.status, headers, [answer.body] if isinstance(answer.body, bytes) else answer.body

    def _with_security(self, start_response: StartResponse) -> StartResponse:
        """The gateway's own views may set a policy of their own, as the documentation's page does."""

        def start(status: str, headers: Headers, *error: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [(name, value) for name, value in self._security if name.lower() not in present]
            return start_response(status, headers + missing, *error)

        return start

    def _record(self, request: Request, status: int, seconds: float) -> None:
        route = PREFIX + request.route
        metrics.observe_request(request.method, route, status, seconds)
        access_log.info(
            "request",
            extra={
                "method": request.method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "request_id": request.id,
                "account": request.caller.principal.account_id if request.caller else None,
            },
        )


def _public(name: str, value: str) -> str:
    """A header's value as it reads outside: what a service calls `/customers/…` is `/api/customers/…` here."""
    return PREFIX + value if name == "location" and value.startswith("/") else value
