"""Several statements of one transaction in one round trip, each as a prepared statement.

For paths that run the same few statements for every batch: it saves the waiting between them, and the layers that a
single statement passes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Statement = tuple[str, Mapping[str, Any]]


def send(session: Session, statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Runs statements with psycopg's placeholders (`%(name)s`) in their order and returns the rows of each.

    Raises SQLAlchemy's DBAPIError for the first that fails; those behind it are not run."""
    connection = session.connection()
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        with driver.pipeline():
            cursors = [driver.execute(sql, values, prepare=True) for sql, values in statements]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
    except psycopg.Error as error:
        raise _wrapped(connection, driver, error) from error


def _wrapped(connection: Connection, driver: "psycopg.Connection[Any]", error: psycopg.Error) -> Exception:
    if driver.broken:
        # SQLAlchemy must meet a connection that died itself, because it is who retires it.
        connection.exec_driver_sql("SELECT 1")
    return DBAPIError.instance(
        None,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        dialect=connection.dialect,
    )
