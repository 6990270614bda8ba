"""Rows by their table: one statement for many rows, where one row is a list of one.

A record is a row as a dict: ids as text, moments as datetimes, JSON and arrays as lists and dicts. Keys that are no
column of the table are left aside.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from common.outbox import Publisher
from common.pipeline import Statement, send

Record = dict[str, Any]


def moment(session: Session) -> datetime:
    """The time that rows and events of this transaction carry."""
    publisher: Publisher = session.info["publisher"]
    return publisher.clock.now()


def today(session: Session) -> date:
    """The day, in UTC, on which this transaction happens."""
    return moment(session).date()


def insert(session: Session, table: Table, records: Sequence[Record]) -> None:
    """Inserts rows; every column that has no null must be in each record."""
    if records:
        send(session, [inserting(table, records)])


def insert_free(session: Session, table: Table, records: Sequence[Record]) -> set[str]:
    """Inserts rows, leaving aside those that some unique index has already; returns the ids of those inserted."""
    if not records:
        return set()
    statement, rows = inserting(table, records)
    [inserted] = send(session, [(f"{statement} ON CONFLICT DO NOTHING RETURNING id", rows)])
    return {str(row[0]) for row in inserted}


def update(session: Session, table: Table, records: Sequence[Record]) -> None:
    """Writes the present state of rows, found by `id`, that the transaction holds locked."""
    if records:
        send(session, [updating(table, records)])


def remove(session: Session, table: Table, record_id: str) -> None:
    """Deletes the row with this `id`."""
    session.execute(delete(table).where(table.c.id == record_id))


def find(
    session: Session, table: Table, record_id: str, *, customer_id: str | None = None, lock: bool = False
) -> Record | None:
    """The row with this `id`, of that customer where one is named, locked where asked for; None where there is none
    for the caller. A part of a customer needs no lock of its own: it is read under its customer's."""
    statement = select(table).where(table.c.id == record_id)
    if customer_id is not None:
        statement = statement.where(table.c.customer_id == customer_id)
    if lock:
        statement = statement.with_for_update()
    row = session.execute(statement).mappings().one_or_none()
    return None if row is None else as_record(row)


def as_record(row: Mapping[Any, Any]) -> Record:
    """A row as a record: its keys become plain text, as JSON wants them."""
    return {str(name): value for name, value in row.items()}


def inserting(table: Table, records: Sequence[Record]) -> Statement:
    """The statement that inserts rows, for `common.pipeline`."""
    return insert_sql(table), {"rows": as_json(records)}


def updating(table: Table, records: Sequence[Record]) -> Statement:
    """The statement that writes the present state of rows, found by `id`, for `common.pipeline`."""
    return _update_sql(table), {"rows": as_json(records)}


def as_json(records: Sequence[Record]) -> str:
    """The one parameter that carries all rows. What JSON does not know, as decimals, goes as text, which PostgreSQL
    turns into the column's type."""
    return orjson.dumps(records, default=str).decode()


@lru_cache(maxsize=256)
def insert_sql(table: Table) -> str:
    """The text of the statement that inserts `rows`, to which a caller may add what happens on conflict."""
    # Quoted, since a column may be named like a word of SQL.
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names}"  # noqa: S608  # our own names
        f" FROM jsonb_populate_recordset(NULL::{table.name}, CAST(%(rows)s AS jsonb))"
    )


@lru_cache(maxsize=256)
def _update_sql(table: Table) -> str:
    names = [column.name for column in table.columns if column.name not in {"id", "created_at"}]
    changes = ", ".join(f'"{name}" = r."{name}"' for name in names)
    return (
        f"UPDATE {table.name} AS t SET {changes}"  # noqa: S608  # our own names
        f" FROM jsonb_populate_recordset(NULL::{table.name}, CAST(%(rows)s AS jsonb)) AS r WHERE t.id = r.id"
    )
