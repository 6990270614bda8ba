"""Archiving a customer and restoring it."""

from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from customer import events
from customer.domain.changes import CUSTOMER_LABELS, changes
from customer.use_cases import field_values, hierarchy, store
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
    field_values.release(session, [customer_id])
    return save(session, after, changes(before, after, CUSTOMER_LABELS), verb="archived")


def restore_customer(session: Session, customer_id: str) -> Record:
    """Makes an archived customer active again; an active one stays as it is, and a deletion that was asked
    for is taken back. The event still names the archive that
    ends, so that others bring back exactly what that archive ended."""
    before = lock_customer(session, customer_id, archived=True)
    if before["status"] == "active":
        return before
    if before["parent_id"]:
        hierarchy.check_parent_again(session, before["parent_id"])
    field_values.claim_again(session, [before])
    after = before | {
        "status": "active",
        "version": before["version"] + 1,
        "updated_at": store.moment(session),
        "archive_id": None,
        "archive_reason": None,
        "archived_at": None,
        "deletion_at": None,
        "deletion_by": None,
    }
    store.update_customers(session, [after])
    ended = {field: before[field] for field in ("archive_id", "archive_reason", "archived_at")}
    outbox.add(session, events.customer("restored", after | ended, changes=changes(before, after, CUSTOMER_LABELS)))
    return after
