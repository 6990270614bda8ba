"""Writes of many rows in one statement per table; one row is a list of one: people and imports share the path."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from common.outbox import Publisher

Record = dict[str, Any]


def moment(session: Session) -> datetime:
    """The time that rows and events of this transaction carry."""
    publisher: Publisher = session.info["publisher"]
    return publisher.clock.now()


def insert_customers(session: Session, records: Sequence[Record]) -> set[str]:
    """Inserts customers with their external ids; returns the ids of those whose number was free."""
    inserted = {str(row.id) for row in _write(session, _INSERT_CUSTOMERS, records)}
    external = [
        {"customer_id": record["id"], "system": entry["system"], "external_id": entry["id"]}
        for record in records
        if record["id"] in inserted
        for entry in record["external_ids"]
    ]
    if external:
        session.execute(_INSERT_EXTERNAL_IDS, {"rows": _json(external)})
    return inserted


def update_customers(session: Session, records: Sequence[Record]) -> None:
    """Writes the present state of customers that the transaction holds locked; external ids apart."""
    if records:
        session.execute(_UPDATE_CUSTOMERS, {"rows": _json(records)})


def add_external_ids(session: Session, entries: Sequence[Record]) -> int:
    """Adds `{customer_id, system, external_id}`; returns how many were free."""
    return len(_write(session, _ADD_EXTERNAL_IDS, entries))


def remove_external_ids(session: Session, customer_id: str) -> None:
    """Forgets all external ids of a customer."""
    session.execute(text("DELETE FROM external_ids WHERE customer_id = :id"), {"id": customer_id})


def insert_contacts(session: Session, records: Sequence[Record]) -> None:
    """Inserts contacts."""
    if records:
        session.execute(_INSERT_CONTACTS, {"rows": _json(records)})


def update_contacts(session: Session, records: Sequence[Record]) -> None:
    """Writes the present state of contacts whose customers the transaction holds locked."""
    if records:
        session.execute(_UPDATE_CONTACTS, {"rows": _json(records)})


def insert_addresses(session: Session, records: Sequence[Record]) -> None:
    """Inserts addresses."""
    if records:
        session.execute(_INSERT_ADDRESSES, {"rows": _json([_with_arrays(record) for record in records])})


def update_addresses(session: Session, records: Sequence[Record]) -> None:
    """Writes the present state of addresses whose customers the transaction holds locked. Records that lose a default
    must come in a call before the record that gains it: the index that holds the rule is checked row by row."""
    if records:
        session.execute(_UPDATE_ADDRESSES, {"rows": _json([_with_arrays(record) for record in records])})


def _with_arrays(record: Record) -> Record:
    purposes = record["purposes"]
    return record | {
        "purposes": [entry["purpose"] for entry in purposes],
        "default_for": [entry["purpose"] for entry in purposes if entry["default"]],
    }


def _write(session: Session, statement: TextClause, records: Sequence[Record]) -> Sequence[Any]:
    return session.execute(statement, {"rows": _json(records)}).all() if records else []


def _json(records: Sequence[Record]) -> str:
    return orjson.dumps(records).decode()


_CUSTOMER = """jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    id uuid, kind text, number text, status text, name text, dba_name text, parent_id uuid, group_id uuid,
    primary_contact_id uuid, archive_id uuid, archive_reason text, archived_at timestamptz, version bigint,
    created_at timestamptz, updated_at timestamptz)"""
_INSERT_CUSTOMERS = text(
    f"""
    INSERT INTO customers (id, kind, number, name, dba_name, parent_id, group_id, primary_contact_id, created_at,
                           updated_at)
    SELECT id, kind, number, name, dba_name, parent_id, group_id, primary_contact_id, created_at, updated_at
    FROM {_CUSTOMER}
    ON CONFLICT (number) DO NOTHING RETURNING id
    """  # noqa: S608  # the parts are of this module
)
_UPDATE_CUSTOMERS = text(
    f"""
    UPDATE customers c SET kind = r.kind, number = r.number, status = r.status, name = r.name, dba_name = r.dba_name,
        parent_id = r.parent_id, group_id = r.group_id, primary_contact_id = r.primary_contact_id,
        archive_id = r.archive_id, archive_reason = r.archive_reason, archived_at = r.archived_at,
        version = r.version, updated_at = r.updated_at
    FROM {_CUSTOMER} WHERE c.id = r.id
    """  # noqa: S608  # the parts are of this module
)
_EXTERNAL_ID = """INSERT INTO external_ids (system, external_id, customer_id)
    SELECT system, external_id, customer_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(system text, external_id text, customer_id uuid)"""
_INSERT_EXTERNAL_IDS = text(_EXTERNAL_ID)
_ADD_EXTERNAL_IDS = text(f"{_EXTERNAL_ID} ON CONFLICT (system, external_id) DO NOTHING RETURNING 1")

_CONTACT = """jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    id uuid, customer_id uuid, name text, title text, department text, emails jsonb, phones jsonb, roles text[],
    version bigint, created_at timestamptz, updated_at timestamptz)"""
_INSERT_CONTACTS = text(
    f"""
    INSERT INTO contacts (id, customer_id, name, title, department, emails, phones, roles, created_at, updated_at)
    SELECT id, customer_id, name, title, department, emails, phones, roles, created_at, updated_at FROM {_CONTACT}
    """  # noqa: S608  # the parts are of this module
)
_UPDATE_CONTACTS = text(
    f"""
    UPDATE contacts c SET name = r.name, title = r.title, department = r.department, emails = r.emails,
        phones = r.phones, roles = r.roles, version = r.version, updated_at = r.updated_at
    FROM {_CONTACT} WHERE c.id = r.id
    """  # noqa: S608  # the parts are of this module
)

_ADDRESS = """jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    id uuid, customer_id uuid, purposes text[], default_for text[], line1 text, line2 text, city text, region text,
    postal_code text, country text, version bigint, created_at timestamptz, updated_at timestamptz)"""
_INSERT_ADDRESSES = text(
    f"""
    INSERT INTO addresses (id, customer_id, purposes, default_for, line1, line2, city, region, postal_code, country,
                           created_at, updated_at)
    SELECT id, customer_id, purposes, default_for, line1, line2, city, region, postal_code, country, created_at,
           updated_at
    FROM {_ADDRESS}
    """  # noqa: S608  # the parts are of this module
)
_UPDATE_ADDRESSES = text(
    f"""
    UPDATE addresses a SET purposes = r.purposes, default_for = r.default_for, line1 = r.line1, line2 = r.line2,
        city = r.city, region = r.region, postal_code = r.postal_code, country = r.country, version = r.version,
        updated_at = r.updated_at
    FROM {_ADDRESS} WHERE a.id = r.id
    """  # noqa: S608  # the parts are of this module
)
