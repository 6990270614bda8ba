"""The benchmark's own PostgreSQL, which is as durable as production, and its RabbitMQ."""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from bench.processes import Meter
from common.provision import with_database
from support import postgres, rabbitmq

# What makes tests fast would flatter whoever commits more often. Commit times are what P10 reads.
DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "track_commit_timestamp": "on",
    "max_wal_size": "4GB",
}


@functools.cache
def admin_url() -> str:
    """The superuser's address of the benchmark's PostgreSQL, started on first use."""
    return postgres.Server(settings=DURABLE).url


@functools.cache
def rabbitmq_url() -> str:
    """The address of the benchmark's RabbitMQ, started on first use."""
    return rabbitmq.url()


def execute(url: str, statements: str) -> None:
    """Runs statements in a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())


def fresh_database(name: str, schema: str) -> str:
    """A new database with a schema, and the superuser's address of it."""
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    url = with_database(admin_url(), database=name)
    execute(url, schema)
    return url


def meter(trees: Mapping[str, Iterable[int]]) -> Meter:
    """A meter of these process trees, and of PostgreSQL where it runs on this machine outside a container."""
    postgres = _postgres_pid()
    return Meter({**trees, **({"PostgreSQL": [postgres]} if postgres else {})})


@functools.cache
def _postgres_pid() -> int | None:
    with psycopg.connect(admin_url()) as admin:
        found = admin.execute("SHOW data_directory").fetchone()
    assert found is not None
    try:
        return int(Path(found[0], "postmaster.pid").read_text().split()[0])
    except OSError:
        return None
