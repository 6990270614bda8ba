"""A small HTTP client with kept connections: for fixed rates, and for closed loops where `wrk` is not installed."""

import itertools
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_TIMEOUT = 30.0


class Connection:
    """One kept connection that sends prepared requests. Not for two threads at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def send(self, request: bytes) -> tuple[int, bytes, bytes]:
        """(status, head, body) of the answer; raises OSError where there is none."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._receive(self._socket)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _receive(self, connection: socket.socket) -> tuple[int, bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        lowered = head.lower()
        length = int(_header(lowered, b"content-length") or 0)
        while len(body) < length:
            body += self._more(connection)
        if _header(lowered, b"connection") == b"close":
            self.close()
        return int(head[9:12]), head, body

    @staticmethod
    def _more(connection: socket.socket) -> bytes:
        data = connection.recv(65536)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        return data


@dataclass(slots=True)
class Answers:
    """What a load came to; latencies in milliseconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0  # answers of 400 and above
    broken: int = 0  # no answer at all

    @property
    def errors(self) -> int:
        return self.refused + self.broken

    def percentile(self, percent: float) -> float:
        """A percentile of the latencies in milliseconds."""
        return percentile(self.latencies, percent)


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile; nan of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def at_rate(port: int, requests: Sequence[bytes], per_second: float, seconds: float, connections: int = 4) -> Answers:
    """An open loop: request n starts n/rate seconds after the first, whatever the answers do, as long as a connection
    is free; the latency counts from that planned moment."""
    return _run(port, requests, seconds, connections, per_second)


def as_fast_as_answered(port: int, requests: Sequence[bytes], seconds: float, connections: int) -> Answers:
    """A closed loop: every connection sends the next request when it has the answer."""
    return _run(port, requests, seconds, connections, None)


def _run(port: int, requests: Sequence[bytes], seconds: float, connections: int, rate: float | None) -> Answers:
    answers = Answers()
    lock = threading.Lock()
    numbers = itertools.count()
    started = time.perf_counter()

    def loop() -> None:
        connection = Connection(port)
        while True:
            number = next(numbers)
            planned = started + number / rate if rate else time.perf_counter()
            if planned - started >= seconds:
                break
            pause = planned - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            try:
                status, _, _ = connection.send(requests[number % len(requests)])
            except OSError:
                with lock:
                    answers.broken += 1
                continue
            took = (time.perf_counter() - planned) * 1000
            with lock:
                answers.latencies.append(took)
                answers.refused += status >= 400
        connection.close()

    threads = [threading.Thread(target=loop, daemon=True) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.seconds = time.perf_counter() - started
    return answers


def _header(lowered: bytes, name: bytes) -> bytes | None:
    start = lowered.find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    end = lowered.find(b"\r\n", start)
    return lowered[start : end if end >= 0 else None].strip()
