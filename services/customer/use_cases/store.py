"""Rows by their table: one statement for many rows, where one row is a list of one. People and imports share the path.

A record is a row as a dict: ids as text, moments as datetimes, JSON and arrays as lists and dicts. Keys that are no
column of the table are left aside.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Table, delete, select, text
from sqlalchemy.orm import Session

from common.outbox import Publisher
from common.pipeline import send
from customer.tables.customers import addresses, contacts, customers

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
        send(session, [(_insert_sql(table), {"rows": _json(records)})])


def update(session: Session, table: Table, records: Sequence[Record]) -> None:
    """Writes the present state of rows, found by `id`, that the transaction holds locked."""
    if records:
        send(session, [(_update_sql(table), {"rows": _json(records)})])


def remove(session: Session, table: Table, record_id: str) -> None:
    """Deletes the row with this `id`."""
    session.execute(delete(table).where(table.c.id == record_id))


def find(session: Session, table: Table, record_id: str, *, customer_id: str | None = None) -> Record | None:
    """The row with this `id`, of that customer where one is named; None where there is none. Locks nothing: a part of a
    customer is read under its customer's lock."""
    statement = select(table).where(table.c.id == record_id)
    if customer_id is not None:
        statement = statement.where(table.c.customer_id == customer_id)
    row = session.execute(statement).mappings().one_or_none()
    return None if row is None else as_record(row)


def as_record(row: Mapping[Any, Any]) -> Record:
    """A row as a record: its keys become plain text, as JSON wants them."""
    return {str(name): value for name, value in row.items()}


def insert_customers(session: Session, records: Sequence[Record]) -> set[str]:
    """Inserts customers with their external ids; returns the ids of those whose number was free."""
    inserted = {str(row[0]) for row in _write(session, _INSERT_CUSTOMERS, records)}
    external = [
        {"customer_id": record["id"], "system": entry["system"], "external_id": entry["id"]}
        for record in records
        if record["id"] in inserted
        for entry in record["external_ids"]
    ]
    if external:
        _write(session, _EXTERNAL_ID, external)
    return inserted


def update_customers(session: Session, records: Sequence[Record]) -> None:
    """Writes the present state of customers that the transaction holds locked; external ids apart."""
    update(session, customers, records)


def add_external_ids(session: Session, entries: Sequence[Record]) -> int:
    """Adds `{customer_id, system, external_id}`; returns how many were free."""
    return len(_write(session, _ADD_EXTERNAL_IDS, entries))


def remove_external_ids(session: Session, customer_id: str) -> None:
    """Forgets all external ids of a customer."""
    session.execute(text("DELETE FROM external_ids WHERE customer_id = :id"), {"id": customer_id})


def insert_contacts(session: Session, records: Sequence[Record]) -> None:
    """Inserts contacts."""
    insert(session, contacts, records)


def update_contacts(session: Session, records: Sequence[Record]) -> None:
    """Writes the present state of contacts whose customers the transaction holds locked."""
    update(session, contacts, records)


def insert_addresses(session: Session, records: Sequence[Record]) -> None:
    """Inserts addresses."""
    insert(session, addresses, [_with_arrays(record) for record in records])


def update_addresses(session: Session, records: Sequence[Record]) -> None:
    """Writes the present state of addresses whose customers the transaction holds locked. Records that lose a default
    must come in a call before the record that gains it: the index that holds the rule is checked row by row."""
    update(session, addresses, [_with_arrays(record) for record in records])


def _with_arrays(record: Record) -> Record:
    purposes = record["purposes"]
    return record | {
        "purposes": [entry["purpose"] for entry in purposes],
        "default_for": [entry["purpose"] for entry in purposes if entry["default"]],
    }


def _write(session: Session, statement: str, records: Sequence[Record]) -> Sequence[Any]:
    return send(session, [(statement, {"rows": _json(records)})])[0] if records else []


def _json(records: Sequence[Record]) -> str:
    return orjson.dumps(records).decode()


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


_INSERT_CUSTOMERS = f"{_insert_sql(customers)} ON CONFLICT (number) DO NOTHING RETURNING id"
_EXTERNAL_ID = """INSERT INTO external_ids (system, external_id, customer_id)
    SELECT system, external_id, customer_id
    FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r(system text, external_id text, customer_id uuid)"""
_ADD_EXTERNAL_IDS = f"{_EXTERNAL_ID} ON CONFLICT (system, external_id) DO NOTHING RETURNING 1"
