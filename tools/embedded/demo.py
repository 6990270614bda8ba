"""Starts everything in its order, and stops it in the opposite one."""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.bus.inprocess import InProcessBroker
from common.logs import JsonLines
from common.service import Service
from embedded import programs
from embedded.database import EmbeddedPostgres
from embedded.folder import Folder, Secrets
from embedded.greeting import greeting
from embedded.programs import SERVICES, Program
from embedded.serving import WebServer, refuse_taken_port
from embedded.settings import CannotStart, Settings

# Requests and live events share one port and so one pool of threads; the events may hold half of it at most.
_THREADS = 40
_STREAM_CLIENTS = 20
_PATIENCE = 60.0


class Demo:
    """One run of the demo."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._started = ExitStack()

    def start(self, stop: threading.Event) -> str:
        """Starts everything and returns what to print; raises CannotStart. Ends early when `stop` is set."""
        began = time.monotonic()
        refuse_taken_port(self._settings.port)
        folder = Folder(self._settings.folder)
        self._started.callback(folder.leave)
        _log_to(folder.log)
        secrets = folder.secrets(self._settings.password)
        postgres = EmbeddedPostgres(folder.postgres)
        self._started.callback(postgres.stop)
        first = not folder.is_seeded
        services = self._build(postgres, secrets, folder.files, with_seed=first)
        folder.mark_seeded()
        url = self._serve(services, secrets.public_key, stop)
        if first:
            _seed_once_more(services, stop)
        if stop.is_set():
            return ""
        return greeting(url, secrets.password, str(folder.path), began, first=first)

    def _build(self, postgres: EmbeddedPostgres, secrets: Secrets, files: Path, *, with_seed: bool) -> list[Service]:
        services = [programs.build(name, postgres.database_of(name), secrets, files) for name in SERVICES]
        for service in services:
            # Identity's seed also sees to the administrator's password, which may be another one this time.
            if service.seed is not None and (with_seed or service.name == "identity"):
                service.seed()
        return services

    def _serve(self, services: Sequence[Service], public_key: str, stop: threading.Event) -> str:
        broker = InProcessBroker()
        running: list[Program] = []
        self._started.callback(_stop_all, running, broker)
        running.extend(programs.start(service, broker) for service in services)
        upstreams = {program.service.name: program.web.url for program in running}
        app, edge = programs.gateway_app(upstreams, public_key, _STREAM_CLIENTS)
        self._started.callback(edge.close)
        front = WebServer(app, "127.0.0.1", self._settings.port, threads=_THREADS)
        self._started.callback(front.stop)
        until = time.monotonic() + _PATIENCE
        while not front.is_ready() and not stop.is_set():
            if time.monotonic() > until:
                raise CannotStart(f"Not everything is ready after {_PATIENCE:.0f} s; see {self._settings.folder}.")
            stop.wait(0.05)
        return front.url

    def stop(self) -> None:
        """Stops what was started, each part even where another one fails to; what people have entered is kept."""
        self._started.close()


def _seed_once_more(services: Sequence[Service], stop: threading.Event) -> None:
    """What one service starts with may need what another had: its customers. Those have arrived once every event was
    sent, because an event counts as sent when all its readers have it."""
    seeded = [service for service in services if service.seed is not None]
    until = time.monotonic() + _PATIENCE
    while any(service.db.run(_unsent) for service in seeded) and time.monotonic() < until and not stop.wait(0.05):
        pass
    for service in seeded:
        if service.seed is not None:
            service.seed()


def _unsent(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM outbox WHERE sent_at IS NULL")).scalar_one())


def _stop_all(running: Sequence[Program], broker: InProcessBroker) -> None:
    if running:
        with ThreadPoolExecutor(len(running)) as pool:
            list(pool.map(Program.stop, running))
    broker.close()


def _log_to(path: Path) -> None:
    handler = logging.FileHandler(path)
    handler.setFormatter(JsonLines("atrium"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("pika", "alembic", "sqlalchemy", "urllib3", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)
