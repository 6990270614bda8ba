"""A request as it came in: its id, who sent it from where, its target, its body; each part checked where it is read."""

import re
import time
from collections.abc import Iterable, Iterator
from wsgiref.types import WSGIEnvironment

from common.ids import new_id
from gateway.errors import BadHost, BadRequestHead, BodyTooLarge, HeadTooLarge, LengthRequired
from gateway.routing import PREFIX
from gateway.sessions import Caller

READS = frozenset({"GET", "HEAD", "OPTIONS"})

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TARGET = re.compile(r"/[!-~]*")
# What a server behind might read as another path than the one that was matched here.
_AMBIGUOUS = re.compile(r"%2f|%5c|%2e|%00|\\|//|/\.\.?(?:/|$)|#", re.IGNORECASE)
_MAX_HEAD = 32 * 1024
_CHUNK = 64 * 1024

# The client's headers that a service gets to see; all others stay here, above all those that the gateway itself sets.
_PASSED_ON = (
    ("HTTP_ACCEPT", "Accept"),
    ("HTTP_ACCEPT_LANGUAGE", "Accept-Language"),
    ("CONTENT_TYPE", "Content-Type"),
    ("HTTP_IDEMPOTENCY_KEY", "Idempotency-Key"),
    ("HTTP_IF_MATCH", "If-Match"),
    ("HTTP_IF_NONE_MATCH", "If-None-Match"),
    ("HTTP_IF_RANGE", "If-Range"),
    ("HTTP_RANGE", "Range"),
    ("HTTP_USER_AGENT", "User-Agent"),
    ("HTTP_TRACESTATE", "tracestate"),
)


class Request:
    """One request below `/api`. Nothing is read from it before it is asked for."""

    __slots__ = ("caller", "client", "environ", "id", "method", "path", "route", "target")

    def __init__(self, environ: WSGIEnvironment, trusted_proxies: int) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        given = environ.get("HTTP_X_REQUEST_ID", "")
        self.id: str = given if _REQUEST_ID.fullmatch(given) else new_id()
        self.client = _client(environ, trusted_proxies)
        self.target = ""  # path and query below `/api`, as they were sent
        self.path = ""
        self.route = "unknown"  # the template of the path, for logs and metrics
        self.caller: Caller | None = None

    @property
    def is_read(self) -> bool:
        return self.method in READS

    def read_head(self, allowed_hosts: frozenset[str]) -> None:
        """Reads the target; raises BadHost, BadRequestHead or HeadTooLarge."""
        environ = self.environ
        host = environ.get("HTTP_HOST", "").lower().rsplit(":", 1)[0].strip("[]")
        if host not in allowed_hosts and "*" not in allowed_hosts:
            raise BadHost("This address is not served here; use the name that you were given.")
        if sum(len(value) for name, value in environ.items() if name.startswith("HTTP_")) > _MAX_HEAD:
            raise HeadTooLarge(f"Send less than {_MAX_HEAD} bytes of headers.")
        target: str = environ.get("RAW_URI") or environ["REQUEST_URI"]
        path, _, _ = target.partition("?")
        if not _TARGET.fullmatch(target) or _AMBIGUOUS.search(path) or not path.startswith(PREFIX + "/"):
            raise BadRequestHead("The path cannot be passed on: no dot segments, empty segments or encoded slashes.")
        self.target = target[len(PREFIX) :]
        self.path = path[len(PREFIX) :]

    def body(self, limit: int, *, streamed: bool) -> tuple[int, Iterable[bytes]]:
        """(length, pieces) of the body; raises BodyTooLarge before more than `limit` bytes are read. A body that is not
        `streamed` may come without a length."""
        environ = self.environ
        if "HTTP_TRANSFER_ENCODING" in environ:
            if streamed:
                raise LengthRequired("Send the file with a Content-Length.")
            content = environ["wsgi.input"].read(limit + 1)
            self._refuse_above(limit, len(content))
            return len(content), [content]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self._refuse_above(limit, length)
        if length <= _CHUNK:
            return length, [environ["wsgi.input"].read(length)] if length else ()
        return length, self._pieces(length)

    def _pieces(self, length: int) -> Iterator[bytes]:
        while length:
            piece = self.environ["wsgi.input"].read(min(length, _CHUNK))
            if not piece:
                raise BadRequestHead("The body ended before its announced length.")
            length -= len(piece)
            yield piece

    @staticmethod
    def _refuse_above(limit: int, length: int) -> None:
        if length > limit:
            raise BodyTooLarge(f"Send at most {limit} bytes.", facts={"limit": limit})

    def head_for(self, host: str, length: int, deadline: float) -> bytes:
        """The head of this request as a service gets it. `deadline` in Unix seconds. A HEAD is asked as a GET."""
        environ = self.environ
        method = "GET" if self.method == "HEAD" else self.method
        lines = [f"{method} {self.target} HTTP/1.1", f"Host: {host}"]
        for key, name in _PASSED_ON:
            value = environ.get(key)
            if value:
                lines.append(f"{name}: {value}")
        if self.caller is not None:
            lines.append(f"Authorization: Bearer {self.caller.token}")
        if length or method != "GET":
            lines.append(f"Content-Length: {length}")
        lines.append(f"X-Request-Id: {self.id}")
        lines.append(f"X-Client-Address: {self.client}")
        lines.append(f"X-Request-Deadline: {deadline:.3f}")
        lines.append(f"traceparent: {self.traceparent}")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1:
            raise BadRequestHead("A header holds a line break.")
        return (head + "\r\n\r\n").encode("latin-1")

    def environ_for_views(self, deadline: float) -> WSGIEnvironment:
        """The environment for the gateway's own views, which see the same headers as a service would."""
        environ = self.environ
        if self.caller is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.caller.token}"
        environ["HTTP_X_REQUEST_ID"] = self.id
        environ["HTTP_X_CLIENT_ADDRESS"] = self.client
        environ["HTTP_X_REQUEST_DEADLINE"] = f"{deadline:.3f}"
        environ["HTTP_TRACEPARENT"] = self.traceparent
        return environ

    @property
    def traceparent(self) -> str:
        """The trace of W3C Trace Context level 1: the client's, or a new one made of the time and an id of ours."""
        given = self.environ.get("HTTP_TRACEPARENT", "")
        if _TRACEPARENT.fullmatch(given):
            return str(given)
        unique = new_id().replace("-", "")
        return f"00-{unique}-{unique[16:]}-00"


def _client(environ: WSGIEnvironment, trusted_proxies: int) -> str:
    """The client's address: of the connection, or what the outermost of our own proxies saw."""
    if trusted_proxies:
        hops = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= trusted_proxies and hops[-trusted_proxies].strip():
            return str(hops[-trusted_proxies].strip())[:64]
    return str(environ.get("REMOTE_ADDR") or "")


def unix(deadline: float) -> float:
    """A deadline of `time.monotonic` in Unix seconds."""
    return time.time() + deadline - time.monotonic()
