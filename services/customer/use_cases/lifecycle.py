"""Archiving a customer, restoring it, and deleting it for good."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from customer import events
from customer.domain.changes import CUSTOMER_LABELS, changes
from customer.errors import NotArchived
from customer.use_cases import hierarchy, numbering, store
from customer.use_cases.assignments import refuse_with_assignments
from customer.use_cases.customers import save
from customer.use_cases.locking import lock_customer
from customer.use_cases.moves import refuse_with_planned_moves
from customer.use_cases.store import Record


def archive_customer(session: Session, customer_id: str, reason: str) -> Record:
    """Archives a customer under a new archive id, by which others end what they must end; an archived one stays as it
    is. Raises HasBranches while it has active branches, and HasPlannedMoves while it is about to move in somewhere."""
    before = lock_customer(session, customer_id, archived=True)
    if before["status"] == "archived":
        return before
    hierarchy.refuse_with_branches(session, before, "archive it", only_active=True)
    refuse_with_planned_moves(session, before, "archive it")
    after = before | {
        "status": "archived",
        "archive_id": new_id(),
        "archive_reason": reason,
        "archived_at": store.moment(session),
    }
    return save(session, after, changes(before, after, CUSTOMER_LABELS), verb="archived")


def restore_customer(session: Session, customer_id: str) -> Record:
    """Makes an archived customer active again; an active one stays as it is. The event still names the archive that
    ends, so that others bring back exactly what that archive ended."""
    before = lock_customer(session, customer_id, archived=True)
    if before["status"] == "active":
        return before
    if before["parent_id"]:
        hierarchy.check_parent_again(session, before["parent_id"])
    after = before | {
        "status": "active",
        "version": before["version"] + 1,
        "updated_at": store.moment(session),
        "archive_id": None,
        "archive_reason": None,
        "archived_at": None,
    }
    store.update_customers(session, [after])
    ended = {field: before[field] for field in ("archive_id", "archive_reason", "archived_at")}
    outbox.add(session, events.customer("restored", after | ended, changes=changes(before, after, CUSTOMER_LABELS)))
    return after


def delete_customer(session: Session, customer_id: str, version: int) -> None:
    """Deletes an archived customer with its contacts and addresses; its number stays retired. Raises NotArchived,
    HasBranches and HasAssignments."""
    record = lock_customer(session, customer_id, version=version, archived=True)
    if record["status"] != "archived":
        raise NotArchived(f"Archive customer {record['number']} before you delete it.")
    hierarchy.refuse_with_branches(session, record, "delete it", only_active=False)
    refuse_with_assignments(session, record, "delete it")
    numbering.retire(session, record["number"], customer_id)
    session.execute(text("DELETE FROM customers WHERE id = CAST(:id AS uuid)"), {"id": customer_id})
    gone = record | {"version": record["version"] + 1, "updated_at": store.moment(session)}
    outbox.add(session, events.customer("deleted", gone))
