"""Databases for tests: each service is migrated once into a template, and every test module gets a copy of it."""

import itertools
import os
from dataclasses import dataclass

import psycopg
from psycopg import sql

from common import provision
from common.provision import plain, with_database

_PASSWORD = "atrium-test"  # noqa: S105  # of databases that live as long as the tests
_counter = itertools.count()
_LOCK = 0x746573


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """A fresh, migrated database of one service."""

    __test__ = False

    name: str
    app_url: str
    owner_url: str
    admin_url: str


class Databases:
    """Makes databases on one server. Templates outlive the process, so that parallel test processes share them."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url
        self._ready: set[str] = set()
        self._made: list[str] = []

    def of(self, service: str) -> TestDatabase:
        """A new database of a service, empty but migrated."""
        name = service.replace("-", "_")
        template = f"template_{name}"
        with psycopg.connect(plain(self._admin_url), autocommit=True) as admin:
            self._prepare(admin, name, template)
            copy = f"test_{name}_{os.getpid()}_{next(_counter)}"
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
                    sql.Identifier(copy), sql.Identifier(template), sql.Identifier(f"{name}_owner")
                )
            )
        self._made.append(copy)
        return self._named(name, copy)

    def drop(self) -> None:
        """Drops the copies that this object made."""
        with psycopg.connect(plain(self._admin_url), autocommit=True) as admin:
            for name in self._made:
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.clear()

    def _prepare(self, admin: "psycopg.Connection[tuple[object, ...]]", name: str, template: str) -> None:
        if template in self._ready:
            return
        admin.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        revision = provision.newest_revision(name)
        found = admin.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [template]
        ).fetchone()
        if found is None or found[0] != revision:
            provision.create_roles(admin, name, owner_password=_PASSWORD, app_password=_PASSWORD)
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(template)))
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(template), sql.Identifier(f"{name}_owner")
                )
            )
            provision.migrate(self._named(name, template).owner_url, name)
            # Written last: a template without this mark is half made, and is made again.
            admin.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(template), sql.Literal(revision))
            )
        admin.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        self._ready.add(template)

    def _named(self, name: str, database: str) -> TestDatabase:
        def login(suffix: str) -> str:
            return with_database(self._admin_url, database=database, user=f"{name}_{suffix}", password=_PASSWORD)

        return TestDatabase(database, login("app"), login("owner"), with_database(self._admin_url, database=database))
