"""Statements of a transaction straight to the driver, as prepared ones, several of them in one round trip.

For paths that run the same few statements all the time: it saves the waiting between them, and the layers that a
statement passes otherwise, which cost a small one more than running it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import RowFactory, tuple_row
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Statement = tuple[str, Mapping[str, Any]]


def send(session: Session, statements: Sequence[Statement], rows: RowFactory[Any] = tuple_row) -> list[list[Any]]:
    """Runs statements with psycopg's placeholders (`%(name)s`) in their order and returns the rows of each, as `rows`
    makes them (tuples; `dict_row` for dicts).

    Raises SQLAlchemy's DBAPIError for the first that fails; those behind it are not run."""
    connection = session.connection()
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        if len(statements) == 1:
            cursors = [_run(driver, statements[0], rows)]
        else:
            with driver.pipeline():
                cursors = [_run(driver, statement, rows) for statement in statements]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
    except psycopg.Error as error:
        raise _wrapped(connection, driver, error) from error


def _run(driver: "psycopg.Connection[Any]", statement: Statement, rows: RowFactory[Any]) -> "psycopg.Cursor[Any]":
    sql, values = statement
    return driver.cursor(row_factory=rows).execute(sql, values, prepare=True)


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
