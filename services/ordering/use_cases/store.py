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
from common.pipeline import send
from ordering.errors import Changed

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
        send(session, [(_insert_sql(table), {"rows": orjson.dumps(records).decode()})])


def insert_free(session: Session, table: Table, records: Sequence[Record]) -> set[str]:
    """Inserts rows, leaving aside those that some unique index has already; returns the ids of those inserted."""
    if not records:
        return set()
    statement = f"{_insert_sql(table)} ON CONFLICT DO NOTHING RETURNING id"
    [rows] = send(session, [(statement, {"rows": orjson.dumps(records).decode()})])
    return {str(row[0]) for row in rows}


def update(session: Session, table: Table, records: Sequence[Record]) -> None:
    """Writes the present state of rows, found by `id`, that the transaction holds locked."""
    if records:
        send(session, [(_update_sql(table), {"rows": orjson.dumps(records).decode()})])


def remove(session: Session, table: Table, record_id: str) -> None:
    """Deletes the row with this `id`."""
    session.execute(delete(table).where(table.c.id == record_id))


def find(session: Session, table: Table, record_id: str, *, lock: bool = False) -> Record | None:
    """The row with this `id`, locked where asked for; None where there is none for the caller."""
    statement = select(table).where(table.c.id == record_id)
    if lock:
        statement = statement.with_for_update()
    row = session.execute(statement).mappings().one_or_none()
    return None if row is None else as_record(row)


def as_record(row: Mapping[Any, Any]) -> Record:
    """A row as a record: its keys become plain text, as JSON wants them."""
    return {str(name): value for name, value in row.items()}


def check_version(record: Record, version: int) -> None:
    """Raises Changed where the record is not at the version that the caller has read."""
    if record["version"] != version:
        raise Changed(f"It is at version {record['version']} by now; read it again.")


@lru_cache(maxsize=128)
def _insert_sql(table: Table) -> str:
    # Quoted, since a column may be named like a word of SQL.
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names}"  # noqa: S608  # our own names
        f" FROM jsonb_populate_recordset(NULL::{table.name}, CAST(%(rows)s AS jsonb))"
    )


@lru_cache(maxsize=128)
def _update_sql(table: Table) -> str:
    names = [column.name for column in table.columns if column.name not in {"id", "created_at"}]
    changes = ", ".join(f'"{name}" = r."{name}"' for name in names)
    return (
        f"UPDATE {table.name} AS t SET {changes}"  # noqa: S608  # our own names
        f" FROM jsonb_populate_recordset(NULL::{table.name}, CAST(%(rows)s AS jsonb)) AS r WHERE t.id = r.id"
    )
