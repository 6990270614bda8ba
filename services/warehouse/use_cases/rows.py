"""Rows of a table from and to plain records, one statement however many they are."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Table
from sqlalchemy.orm import Session

from common.pipeline import Statement, send

Record = dict[str, Any]


def blank(table: Table) -> Record:
    """A record of nothing but nulls."""
    return {str(column.name): None for column in table.columns}


def insert(table: Table, records: Sequence[Record]) -> Statement:
    """The statement that inserts rows; keys that are no column are left aside."""
    return (_insert_sql(table), {"rows": orjson.dumps(records, default=str).decode()})


def update(table: Table, records: Sequence[Record]) -> Statement:
    """The statement that writes the present state of rows, found by `id`, that the transaction holds locked."""
    return (_update_sql(table), {"rows": orjson.dumps(records, default=str).decode()})


def run(session: Session, *statements: Statement) -> None:
    """Runs statements in one round trip."""
    send(session, statements)


@lru_cache(maxsize=32)
def _insert_sql(table: Table) -> str:
    names = ", ".join(column.name for column in table.columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names}"  # noqa: S608  # our own names
        f" FROM json_populate_recordset(NULL::{table.name}, CAST(%(rows)s AS json))"
    )


@lru_cache(maxsize=32)
def _update_sql(table: Table) -> str:
    names = [column.name for column in table.columns if column.name not in {"id", "created_at"}]
    changes = ", ".join(f"{name} = r.{name}" for name in names)
    return (
        f"UPDATE {table.name} AS t SET {changes}"  # noqa: S608  # our own names
        f" FROM json_populate_recordset(NULL::{table.name}, CAST(%(rows)s AS json)) AS r WHERE t.id = r.id"
    )
