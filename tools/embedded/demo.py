"""Starts everything in its order, and stops it in the opposite one."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from common.bus.inprocess import InProcessBroker
from common.logs import JsonLines
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
        self._broker = InProcessBroker()
        self._postgres: EmbeddedPostgres | None = None
        self._programs: list[Program] = []
        self._front: WebServer | None = None

    def start(self, stop: threading.Event) -> str:
        """Starts everything and returns what to print; raises CannotStart. Ends early when `stop` is set."""
        began = time.monotonic()
        refuse_taken_port(self._settings.port)
        folder = Folder(self._settings.folder)
        _log_to(folder.log)
        secrets = folder.secrets(self._settings.password)
        self._postgres = EmbeddedPostgres(folder.postgres)
        first = not folder.is_seeded
        self._start_services(secrets, with_seed=first)
        folder.mark_seeded()
        url = self._start_gateway(secrets, stop)
        if stop.is_set():
            return ""
        return greeting(url, secrets.password, str(folder.path), began, first=first)

    def _start_services(self, secrets: Secrets, *, with_seed: bool) -> None:
        assert self._postgres is not None
        services = [programs.build(name, self._postgres.database_of(name), secrets) for name in SERVICES]
        for service in services:
            # Identity's seed also sees to the administrator's password, which may be another one this time.
            if service.seed is not None and (with_seed or service.name == "identity"):
                service.seed()
        self._programs = [programs.start(service, self._broker) for service in services]

    def _start_gateway(self, secrets: Secrets, stop: threading.Event) -> str:
        upstreams = {program.service.name: program.web.url for program in self._programs}
        gateway = programs.build_gateway(upstreams, secrets.public_key, _STREAM_CLIENTS)
        self._front = WebServer(gateway.create_app(), "127.0.0.1", self._settings.port, threads=_THREADS)
        until = time.monotonic() + _PATIENCE
        while not self._front.is_ready() and not stop.is_set():
            if time.monotonic() > until:
                raise CannotStart(f"Not everything is ready after {_PATIENCE:.0f} s; see {self._settings.folder}.")
            stop.wait(0.05)
        return self._front.url

    def stop(self) -> None:
        """Stops what was started; what people have entered is in the database."""
        if self._front is not None:
            self._front.stop()
        if self._programs:
            with ThreadPoolExecutor(len(self._programs)) as pool:
                list(pool.map(Program.stop, self._programs))
        self._broker.close()
        if self._postgres is not None:
            self._postgres.stop()


def _log_to(path: Path) -> None:
    handler = logging.FileHandler(path)
    handler.setFormatter(JsonLines("atrium"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("pika", "alembic", "sqlalchemy", "urllib3", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)
