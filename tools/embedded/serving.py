"""A web application on a port of this process."""

import socket
import threading
from typing import Any
from urllib.request import urlopen
from wsgiref.types import WSGIApplication

from cheroot.wsgi import Gateway_10, Server

from embedded.settings import CannotStart

# What is left of a body is read before the next request of its connection, up to this many bytes.
_WORTH_READING = 1024 * 1024


class _Gateway(Gateway_10):  # type: ignore[misc,unused-ignore]
    """Ends the connection where a large body was refused unread: cheroot would first read all of it into memory."""

    def start_response(self, status: Any, headers: Any, exc_info: Any = None) -> Any:
        if getattr(self.req.rfile, "remaining", 0) > _WORTH_READING:
            self.req.close_connection = True
        return super().start_response(status, headers, exc_info)


class WebServer:
    """Serves on threads of its own from the moment it is made."""

    def __init__(self, app: WSGIApplication, host: str, port: int, *, threads: int) -> None:
        """Port 0 chooses a free one. Raises CannotStart where the port is taken."""
        self._server = Server((host, port), app, numthreads=threads, request_queue_size=128, shutdown_timeout=1)
        self._server.gateway = _Gateway
        try:
            self._server.prepare()
        except OSError as error:
            raise port_taken(port) from error
        self.url = f"http://{host}:{self._server.bind_addr[1]}"
        self._thread = threading.Thread(target=self._server.serve, name=f"web:{port}", daemon=True)
        self._thread.start()

    def is_ready(self) -> bool:
        """Whether `/readyz` says so."""
        try:
            with urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310  # our own address
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        """Takes no more requests and gives those in work a second."""
        self._server.stop()
        self._thread.join(2)


def refuse_taken_port(port: int) -> None:
    """Raises CannotStart where somebody listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise port_taken(port) from error


def port_taken(port: int) -> CannotStart:
    """What to do about it."""
    return CannotStart(
        f"Port {port} is taken by another program. Choose another one: PORT={port % 65535 + 1} make demo"
    )
