"""Deleted files lie in the bin for 90 days, then they are purged; contents that no file speaks of are removed."""

from datetime import timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from common import outbox
from customer import events
from customer.domain.files import BIN_DAYS
from customer.domain.viewers import Viewer
from customer.errors.files import FileNotInBin
from customer.tables.files import blobs, file_contents, files
from customer.tables.privacy import legal_holds
from customer.use_cases import store
from customer.use_cases.files.records import locked, refuse_held, refuse_taken_name
from customer.use_cases.locking import lock_customers
from customer.use_cases.store import Record

PORTION = 100


def delete_file(session: Session, customer_id: str, file_id: str, version: int, by: Viewer) -> None:
    """Puts a file into the bin; raises FileHeld."""
    before = locked(session, customer_id, file_id, by, version=version)
    refuse_held(session, before, "deleted")
    now = store.moment(session)
    after = before | {"deleted_at": now, "version": before["version"] + 1, "updated_at": now}
    store.update(session, files, [after])
    outbox.add(session, events.file("removed", after))


def restore_file(session: Session, customer_id: str, file_id: str, by: Viewer) -> Record:
    """Takes a file out of the bin as it was, with its versions and audience; raises FileNotInBin and FileNameTaken."""
    before = locked(session, customer_id, file_id, by, in_bin=True)
    if before["deleted_at"] is None:
        raise FileNotInBin(f"{before['name']} is not deleted.")
    after = before | {"deleted_at": None, "version": before["version"] + 1, "updated_at": store.moment(session)}
    refuse_taken_name(session, after)
    store.update(session, files, [after])
    outbox.add(session, events.file("restored", after))
    return after


def purge(session: Session) -> int:
    """Deletes the records of files that were in the bin for 90 days; returns how many."""
    until = store.moment(session) - timedelta(days=BIN_DAYS)
    held = select(legal_holds.c.id).where(legal_holds.c.customer_id == files.c.customer_id).exists()
    due = select(files).where(files.c.deleted_at < until, ~held).order_by(files.c.deleted_at).limit(PORTION)
    found = [store.as_record(row) for row in session.execute(due).mappings()]
    # In the order of everybody else: the customers first; somebody may restore a file at this moment.
    lock_customers(session, sorted({record["customer_id"] for record in found}))
    ids = [record["id"] for record in found]
    gone = session.execute(
        delete(files).where(files.c.id.in_(ids), files.c.deleted_at < until, ~held).returning(files.c.id)
    ).scalars()
    still_due = set(gone)
    for record in found:
        if record["id"] in still_due:
            outbox.add(session, events.file("purged", record | {"version": record["version"] + 1}))
    return len(still_due)


def unused_contents(session: Session) -> list[str]:
    """Marks a portion of the contents that no file speaks of, so that nobody begins to; returns their keys, with those
    whose removal was interrupted."""
    used = select(file_contents.c.sha256).where(file_contents.c.sha256 == blobs.c.sha256).exists()
    unclaimed = (
        select(blobs.c.sha256)
        .where(blobs.c.claimed_until < text("now()"), ~used)
        .limit(PORTION)
        .with_for_update(skip_locked=True)
    )
    marked = update(blobs).where(blobs.c.sha256.in_(unclaimed)).values(removing=True).returning(blobs.c.sha256)
    return list(session.execute(marked).scalars())


def forget_contents(session: Session, keys: list[str]) -> None:
    """Forgets contents that are not in the storage any more."""
    if keys:
        session.execute(delete(blobs).where(blobs.c.sha256.in_(keys), blobs.c.removing))
