"""`python -m <service> <role>`: the same roles for every service, each one process with one purpose."""

import argparse
import gc
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from common import logs, provision, tracing
from common.contracts import Contracts
from common.service import Service
from common.settings import MissingSettings, Settings
from common.web.documents import openapi_document

Build = Callable[[Any], Service]
Command = Callable[[Service, Sequence[str]], int]


def main(
    name: str,
    settings_type: type[Settings],
    build: Build,
    *,
    commands: Mapping[str, Command] | None = None,
    argv: Sequence[str] | None = None,
) -> None:
    """Runs the role that the command line names. `commands` are the service's own: they return an exit status."""
    own = dict(commands or {})
    parser = argparse.ArgumentParser(prog=f"python -m {name.replace('-', '_')}")
    roles = {**_ROLES, **{command: _own(run) for command, run in own.items()}}
    parser.add_argument("role", choices=sorted(roles), help="what this process does")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="arguments of the role")
    asked = parser.parse_args(argv)
    settings = settings_type.from_env(os.environ)
    logs.configure(name, settings.log_level)
    tracing.configure(name)
    sys.exit(roles[asked.role](name, settings, build, asked.arguments))


Role = Callable[[str, Settings, Build, Sequence[str]], int]


def _own(run: Command) -> Role:
    return lambda _name, settings, build, arguments: run(build(settings), arguments)


def _api(_name: str, settings: Settings, build: Build, _arguments: Sequence[str]) -> int:
    if settings.web_processes > 1:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="atrium-metrics-"))
    serve(lambda: build(settings).create_app(), settings)
    return 0


def serve(make_app: Callable[[], Flask], settings: Settings, **options: Any) -> None:
    """Serves an application by gunicorn until SIGTERM; each worker process builds its own."""
    _Gunicorn(
        make_app,
        {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.web_processes,
            "worker_class": "gthread",
            "threads": settings.web_threads,
            "keepalive": 75,
            "timeout": 60,
            "graceful_timeout": 30,
            "limit_request_line": 8190,
            "limit_request_field_size": 32_768,  # a token names every customer that its account reaches
            "control_socket_disable": True,
            "loglevel": "warning",
            **options,
        },
    ).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc,unused-ignore]
    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        app = self._make_app()
        _keep_what_is_loaded()
        return app


def _worker(_name: str, settings: Settings, build: Build, _arguments: Sequence[str]) -> int:
    from common.worker import run_until_stopped

    service = build(settings)
    _keep_what_is_loaded()
    return run_until_stopped(service, stop_signal())


def _keep_what_is_loaded() -> None:
    """What is loaded now lives as long as the process: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


def stop_signal() -> threading.Event:
    """An event that SIGTERM or SIGINT sets: finish what is in flight, then end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _declare(_name: str, settings: Settings, _build: Build, _arguments: Sequence[str]) -> int:
    from common.bus.topology import declare

    declare(_needed(settings, "rabbitmq_url"), Contracts(settings.contracts_dir), queue_type=settings.queue_type)
    return 0


def _held(_name: str, settings: Settings, build: Build, arguments: Sequence[str]) -> int:
    from common.commands import held_command

    return held_command(build(settings), arguments)


def _replay(_name: str, settings: Settings, build: Build, arguments: Sequence[str]) -> int:
    from common.commands import replay_command

    return replay_command(build(settings), arguments)


def _dead(_name: str, settings: Settings, build: Build, arguments: Sequence[str]) -> int:
    from common.commands import dead_command

    return dead_command(build(settings), arguments)


def _migrate(name: str, settings: Settings, build: Build, arguments: Sequence[str]) -> int:
    # One job makes a fresh server ready: where it is told a superuser, it makes the database first.
    if settings.admin_database_url:
        _provision(name, settings, build, arguments)
    provision.migrate(_needed(settings, "migration_database_url"), name)
    return 0


def _provision(name: str, settings: Settings, _build: Build, _arguments: Sequence[str]) -> int:
    provision.provision(
        _needed(settings, "admin_database_url"),
        name,
        owner_password=_needed(settings, "owner_password"),
        app_password=_needed(settings, "app_password"),
    )
    return 0


def _seed(name: str, settings: Settings, build: Build, _arguments: Sequence[str]) -> int:
    service = build(settings)
    if service.seed is None:
        sys.stderr.write(f"{name} has nothing to seed\n")
        return 0
    service.seed()
    return 0


def _openapi(_name: str, settings: Settings, build: Build, _arguments: Sequence[str]) -> int:
    sys.stdout.buffer.write(openapi_document(build(settings).create_app()) + b"\n")
    return 0


def _needed(settings: Settings, field: str) -> str:
    value = str(getattr(settings, field))
    if not value:
        raise MissingSettings(f"cannot start: {field.upper()} is not set")
    return value


_ROLES: dict[str, Role] = {
    "api": _api,
    "worker": _worker,
    "declare": _declare,
    "held": _held,
    "dead": _dead,
    "replay": _replay,
    "migrate": _migrate,
    "provision": _provision,
    "seed": _seed,
    "openapi": _openapi,
}
