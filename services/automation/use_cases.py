"""What can be done: each verb changes rows and writes its event in the caller's transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from automation import domain, events
from automation.errors import Changed, EntryNotFound
from automation.tables import entries, replica_customers
from common import outbox, replicas
from common.ids import new_id


def create_entry(session: Session, body: Mapping[str, Any]) -> str:
    """Writes an open entry and returns its id."""
    row = {
        "id": new_id(),
        "customer_id": body["customer_id"],
        "title": body["title"],
        "status": domain.OPEN,
        "version": 1,
    }
    session.execute(insert(entries).values(row))
    outbox.add(session, events.entry(events.ENTRY_CREATED, row))
    return str(row["id"])


def close_entry(session: Session, entry_id: str, version: int) -> None:
    """Closes an entry; raises EntryNotFound, Changed for another version, AlreadyClosed."""
    row = session.execute(select(entries).where(entries.c.id == entry_id).with_for_update()).mappings().one_or_none()
    if row is None:
        raise EntryNotFound("There is no such entry.")
    if row["version"] != version:
        raise Changed(f"The entry is at version {row['version']}; read it again.")
    changed = {**row, "status": domain.closed(row["status"]), "version": version + 1}
    session.execute(
        update(entries).where(entries.c.id == entry_id).values(status=changed["status"], version=changed["version"])
    )
    outbox.add(session, events.entry(events.ENTRY_CLOSED, changed))


def remember_customer(session: Session, customer: Mapping[str, Any], version: int) -> None:
    """Keeps what entries show of a customer."""
    replicas.put(session, replica_customers, {"id": customer["id"]}, version, {"name": customer["name"]})
