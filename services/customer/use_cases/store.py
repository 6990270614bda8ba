"""Rows by their table, and customers and their parts as one: people and imports share the path."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.pipeline import send
from common.records import Record, as_json, as_record, find, insert, insert_sql, moment, remove, today, update
from customer.tables.customers import addresses, contacts, customers

__all__ = [
    "Record",
    "add_external_ids",
    "as_record",
    "find",
    "insert",
    "insert_addresses",
    "insert_contacts",
    "insert_customers",
    "moment",
    "remove",
    "remove_external_ids",
    "today",
    "update",
    "update_addresses",
    "update_contacts",
    "update_customers",
]


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
    return send(session, [(statement, {"rows": as_json(records)})])[0] if records else []


_INSERT_CUSTOMERS = f"{insert_sql(customers)} ON CONFLICT (number) DO NOTHING RETURNING id"
_EXTERNAL_ID = """INSERT INTO external_ids (system, external_id, customer_id)
    SELECT system, external_id, customer_id
    FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r(system text, external_id text, customer_id uuid)"""
_ADD_EXTERNAL_IDS = f"{_EXTERNAL_ID} ON CONFLICT (system, external_id) DO NOTHING RETURNING 1"
