"""Replica tables: other services' facts as this one last heard of them, written set-based and only by newer versions.

Every write to one replica table carries the version of the same aggregate. A table with a boolean column `gone` keeps a
tombstone when its aggregate ends, so that a late older event cannot bring the row back; without it the row is deleted,
which suffices where nothing is ever replayed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Table, TextClause, text
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

_VERSION = "version"
_GONE = "gone"


@dataclass(slots=True)
class _Writes:
    """What one table gets, newest version per key; `columns` names what a row holds besides key and version."""

    table: Table
    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)


def put(session: Session, table: Table, key: Mapping[str, Any], version: int, values: Mapping[str, Any]) -> None:
    """Inserts or replaces a row unless the table holds the same or a newer `version` of it.

    `values` are JSON values, moments, dates or UUIDs; a dict or list fits a JSONB column, a list an array column.
    Columns that are not named need a default or are nullable. Buffered until `flush` or the commit."""
    if _GONE in table.c:
        values = {_GONE: False, **values}
    _remember(session, table, key, version, values)


def drop(session: Session, table: Table, key: Mapping[str, Any], version: int) -> None:
    """Ends a row unless the table holds a newer `version` of it: marked `gone` if it has that column, else deleted."""
    if _GONE in table.c:
        _remember(session, table, key, version, {_GONE: True})
        return
    flush(session)
    same = " AND ".join(f"{name} = :{name}" for name in key)
    session.execute(
        text(f"DELETE FROM {table.fullname} WHERE {same} AND {_VERSION} <= :{_VERSION}"),  # noqa: S608  # our own names
        {**key, _VERSION: version},
    )


def flush(session: Session) -> None:
    """Writes what is buffered, one statement per table and set of columns; a handler that reads replicas calls it."""
    buffered = session.info.pop("replicas", None)
    if not buffered:
        return
    for writes in buffered.values():
        session.execute(
            _upsert(writes.table.fullname, writes.key, writes.columns),
            {"rows": orjson.dumps(list(writes.rows.values()), default=str).decode()},
        )


def forget(session: Session) -> None:
    """Drops what is buffered, where its transaction or savepoint was rolled back."""
    session.info.pop("replicas", None)


def _remember(session: Session, table: Table, key: Mapping[str, Any], version: int, values: Mapping[str, Any]) -> None:
    buffered: dict[Any, _Writes] = session.info.setdefault("replicas", {})
    place = (table.fullname, *values)
    writes = buffered.get(place)
    if writes is None:
        writes = buffered[place] = _Writes(table, tuple(key), tuple(values))
    row_key = tuple(key.values())
    known = writes.rows.get(row_key)
    if known is None or known[_VERSION] < version:
        writes.rows[row_key] = {**key, _VERSION: version, **values}


@lru_cache(maxsize=512)
def _upsert(table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> TextClause:
    names = ", ".join((*key, _VERSION, *columns))
    changes = ", ".join(f"{name} = excluded.{name}" for name in (_VERSION, *columns))
    # One JSON parameter carries any number of rows, and PostgreSQL itself turns each member into its column's type.
    return text(
        f"INSERT INTO {table} AS old ({names}) SELECT {names}"  # noqa: S608  # our own names
        f" FROM json_populate_recordset(NULL::{table}, CAST(:rows AS json))"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes} WHERE old.{_VERSION} < excluded.{_VERSION}"
    )


@sqlalchemy_event.listens_for(Session, "before_commit")
def _flush_before_commit(session: Session) -> None:
    # A savepoint's release also arrives here; what it wrote may then still be rolled back with it.
    flush(session)
