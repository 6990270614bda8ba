"""The roles of the gateway: `python -m gateway api | stream | openapi`."""

import dataclasses
from collections.abc import Sequence

from common.cli import main, serve
from common.service import Service
from gateway.bootstrap import build
from gateway.settings import Settings


def stream(service: Service, _arguments: Sequence[str]) -> int:
    """Serves live events, and everything else as well; each connection holds one thread."""
    assert isinstance(service.settings, Settings)
    settings = dataclasses.replace(service.settings, serve_events=True)
    threads = settings.stream_clients + settings.web_threads
    serve(lambda: build(settings).create_app(), settings, workers=1, threads=threads, max_requests=0)
    return 0


if __name__ == "__main__":
    main("gateway", Settings, build, commands={"stream": stream})
