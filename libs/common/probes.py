"""A worker's small HTTP side: `/healthz`, `/readyz` and `/metrics`, for an orchestrator and Prometheus."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST

from common import metrics


class Probes:
    """Answers on a thread of its own until `close`. `ready` says whether the process does its work."""

    def __init__(self, host: str, port: int, ready: Callable[[], bool]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name that http.server calls
                answers: dict[str, Callable[[], tuple[int, str, bytes]]] = {
                    "/healthz": lambda: (200, "text/plain", b"alive\n"),
                    "/readyz": lambda: (
                        (200, "text/plain", b"ready\n") if ready() else (503, "text/plain", b"not ready\n")
                    ),
                    "/metrics": lambda: (200, CONTENT_TYPE_LATEST, metrics.render()),
                }
                status, kind, body = answers.get(self.path, lambda: (404, "text/plain", b"not found\n"))()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that http.server uses
                """Probes are not worth a line."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="probes", daemon=True).start()

    def close(self) -> None:
        """Stops answering."""
        self._server.shutdown()
        self._server.server_close()
