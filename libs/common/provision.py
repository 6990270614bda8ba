"""A service's database and roles, and its migrations: done once by a job, never by a process that serves.

Roles: `<svc>_owner` owns the tables and migrates; `<svc>_app` logs in and by itself sees nothing; it may become
`<svc>_staff` (all rows) or `<svc>_portal` (rows of the customers named).
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from common.errors import Refusal

_MIGRATING = 0x617472  # one migration at a time in a database


def provision(admin_url: str, service: str, *, owner_password: str, app_password: str) -> None:
    """Creates the four roles and the database `<svc>`, as the superuser of `admin_url`; repeating it changes only the
    passwords. `service` in kebab or snake case."""
    name = service.replace("-", "_")
    with psycopg.connect(plain(admin_url), autocommit=True) as admin:
        create_roles(admin, name, owner_password=owner_password, app_password=app_password)
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(name), sql.Identifier(f"{name}_owner")
                )
            )
        admin.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(f"{name}_app"))
        )


def create_roles(admin: "psycopg.Connection[Any]", name: str, *, owner_password: str, app_password: str) -> None:
    """Creates or completes the four roles of a service (snake case)."""
    for suffix in ("owner", "app", "staff", "portal"):
        role = sql.Identifier(f"{name}_{suffix}")
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [f"{name}_{suffix}"]).fetchone():
            admin.execute(sql.SQL("CREATE ROLE {} NOINHERIT").format(role))
    for suffix, password in (("owner", owner_password), ("app", app_password)):
        admin.execute(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(f"{name}_{suffix}"), sql.Literal(password))
        )
    admin.execute(
        sql.SQL("GRANT {}, {} TO {}").format(*(sql.Identifier(f"{name}_{s}") for s in ("staff", "portal", "app")))
    )


def migrate(owner_url: str, service: str) -> None:
    """Brings the database to the newest migration, as its owner. Safe to start twice at once."""
    command.upgrade(_config(service, owner_url), "head")


@cache
def newest_revision(service: str) -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config(service, "")).get_current_head()


def run_migrations_env() -> None:
    """What every service's `migrations/env.py` runs."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATING})
        connection.commit()
        context.configure(connection=connection, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


def with_database(url: str, *, database: str, user: str | None = None, password: str | None = None) -> str:
    """The same server's address with another database, and another login where one is given."""
    changed = make_url(url).set(drivername="postgresql", database=database)
    if user is not None:
        changed = changed.set(username=user, password=password)
    return changed.render_as_string(hide_password=False)


def plain(url: str) -> str:
    """An address as libpq reads it, whatever driver it names."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _config(service: str, url: str) -> Config:
    package = service.replace("-", "_")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Refusal(f"there is no package {package} with migrations")
    config = Config()
    config.set_main_option("script_location", str(Path(spec.origin).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = _sqlalchemy(url) if url else None
    return config


def _sqlalchemy(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+psycopg")
