"""One service as the gateway calls it: pooled connections, retries of reads, a circuit breaker and a bulkhead."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_random_exponential

from common.ids import new_id
from gateway.clients.breaker import Breaker
from gateway.clients.connection import Answer, Broken, ConnectFailed, Connection, Stream, TimedOut
from gateway.errors import ServiceTimedOut, ServiceUnavailable

# A kept connection may just be closing on the other side; only what is safe to send twice goes over one that rested.
_RESTED = 1.0
_RETRIES = 2


class Upstream:
    """The processes of one service behind one address, `http://host:port`."""

    def __init__(self, service: str, url: str, *, concurrent: int = 12, breaker: Breaker | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{service}: {url!r} is no http address")
        self.service = service
        self._host, self._port = parts.hostname, parts.port or 80
        self.host = f"{self._host}:{self._port}"
        self._breaker = breaker or Breaker()
        self._places = threading.Semaphore(concurrent)
        self._idle: deque[Connection] = deque(maxlen=concurrent)

    def send(self, method: str, head: bytes, body: Iterable[bytes], deadline: float) -> Answer:
        """Sends one request, head and body, and returns the answer; a GET that could not be delivered is tried again.
        Raises ServiceUnavailable or ServiceTimedOut."""
        pause = self._breaker.wait()
        if pause:
            raise self._unavailable(retry_after=max(1, round(pause)))
        if not self._places.acquire(timeout=min(1.0, max(0.0, deadline - time.monotonic()))):
            raise self._unavailable(retry_after=1)
        try:
            return self._deliver(method, head, body, deadline)
        except TimedOut as error:
            self._breaker.failed()
            raise ServiceTimedOut(
                f"The service {self.service} did not answer in time; try again.", facts={"service": self.service}
            ) from error
        except (ConnectFailed, Broken) as error:
            raise self._unavailable(retry_after=1) from error
        finally:
            self._places.release()

    def get_json(self, path: str, headers: Mapping[str, str], deadline: float) -> tuple[int, Any]:
        """(status, decoded body) of a GET that the gateway makes on its own behalf."""
        return self._call("GET", path, headers, b"", deadline)

    def post_json(self, path: str, content: Any, deadline: float) -> tuple[int, Any]:
        """(status, decoded body) of a POST that the gateway makes on its own behalf."""
        return self._call("POST", path, {"Content-Type": "application/json"}, orjson.dumps(content), deadline)

    def close(self) -> None:
        """Closes the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> tuple[int, Any]:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Content-Length: {len(body)}"]
        named = {"X-Request-Id": new_id(), **headers}
        lines += [f"{name}: {value}" for name, value in named.items()]
        answer = self.send(
            method, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), [body] if body else (), deadline
        )
        whole = answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)
        try:
            return answer.status, orjson.loads(whole) if whole else None
        except orjson.JSONDecodeError as error:
            raise self._unavailable(retry_after=1) from error

    def _deliver(self, method: str, head: bytes, body: Iterable[bytes], deadline: float) -> Answer:
        try:
            return self._once(head, body, deadline, safe=method == "GET")
        except ConnectFailed:
            if method != "GET":
                raise
        again = Retrying(
            retry=retry_if_exception_type(ConnectFailed),
            stop=stop_after_attempt(_RETRIES) | stop_after_delay(max(0.0, deadline - time.monotonic() - 1)),
            wait=wait_random_exponential(multiplier=0.1, max=0.5),
            reraise=True,
        )
        return again(self._once, head, body, deadline, safe=False)

    def _once(self, head: bytes, body: Iterable[bytes], deadline: float, *, safe: bool) -> Answer:
        connection = None
        try:
            connection = self._connection(may_have_rested=safe)
            answer = connection.request(head, body, deadline)
        except (ConnectFailed, Broken):
            if connection is None or not safe:
                self._breaker.failed()
            if connection is not None:
                connection.close()
            raise
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        self._breaker.succeeded()
        if isinstance(answer.body, bytes):
            self._give_back(connection)
            return answer
        return Answer(answer.status, answer.headers, _Streamed(answer.body, connection, self._give_back))

    def _connection(self, *, may_have_rested: bool) -> Connection:
        while self._idle:
            try:
                # First in, first out: the calls spread over all processes behind the address.
                connection = self._idle.popleft()
            except IndexError:
                break
            if may_have_rested or time.monotonic() - connection.used_at < _RESTED:
                return connection
            connection.close()
        return Connection(self._host, self._port)

    def _give_back(self, connection: Connection) -> None:
        if connection.reusable and len(self._idle) < (self._idle.maxlen or 0):
            connection.used_at = time.monotonic()
            self._idle.append(connection)
        else:
            connection.close()

    def _unavailable(self, *, retry_after: int) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"The service {self.service} does not answer for the moment; try again in {retry_after} s.",
            facts={"service": self.service, "retry_after": retry_after},
        )


class _Streamed:
    """A body on its way; gives its connection back at the end, or closes it where it is left early."""

    def __init__(self, pieces: Stream, connection: Connection, give_back: Callable[[Connection], None]) -> None:
        self._pieces = pieces
        self._connection = connection
        self._give_back = give_back

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """Called by the web server when the client has the whole body, or has gone."""
        self._pieces.close()
        self._give_back(self._connection)
