"""Archiving a customer and restoring it."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from customer import events
from customer.domain.changes import CUSTOMER_LABELS, Change, changes, reference_change
from customer.errors.hierarchy import NoGrandparent
from customer.use_cases import field_values, hierarchy, store
from customer.use_cases.customers import save_all
from customer.use_cases.locking import lock_customer, lock_customers
from customer.use_cases.moves import refuse_with_planned_moves
from customer.use_cases.store import Record
from customer.use_cases.tax_ids import refuse_clashes

Children = Literal["archive", "detach", "reparent_to_grandparent"]

_CHOICES = (
    "move or archive them, or say with `children` what becomes of them: archive, detach or reparent_to_grandparent"
)


def archive_customer(session: Session, customer_id: str, reason: str, children: Children | None = None) -> Record:
    """Archives a customer under a new archive id, by which others end what they must end; an archived one stays as it
    is. Its active branches are archived with it, each under an id of its own, made head offices, or put under its own
    head office, as `children` says; without that raises HasBranches. Raises HasPlannedMoves while one of those that
    would be archived is about to move in somewhere."""
    below: list[str] = []
    if children:
        hierarchy.lock_tree(session, alone=True)
        below = hierarchy.below(session, [customer_id], levels=1 if children != "archive" else None)
    branches = lock_customers(session, [customer_id, *below])
    before = lock_customer(session, customer_id, archived=True)
    if before["status"] == "archived":
        return before
    active = [branches[branch] for branch in below if branches[branch]["status"] == "active"]
    refuse_with_planned_moves(session, [before, *(active if children == "archive" else ())], "archive it")
    if children == "archive":
        # From below: at no event does a head office end before its branches.
        active.sort(key=lambda each: len(each["path_ids"]), reverse=True)
        save_all(session, [_archived(session, each, reason) for each in active], verb="archived")
    elif children:
        _move(session, before, active, children)
    else:
        hierarchy.refuse_with_branches(session, before, "archive it", only_active=True, instead=_CHOICES)
    [archived] = save_all(session, [_archived(session, before, reason)], verb="archived")
    field_values.release(session, [customer_id, *(below if children == "archive" else ())])
    if children in ("detach", "reparent_to_grandparent"):
        moved = [each["id"] for each in active]
        refuse_clashes(session, [*moved, *hierarchy.below(session, moved)])
    return archived


def _move(session: Session, before: Record, branches: Sequence[Record], children: Children) -> None:
    """Puts the branches of a customer that is being archived somewhere else."""
    new: tuple[str | None, str | None] = (None, None)
    above: list[str] = []
    if children == "reparent_to_grandparent":
        if before["parent_id"] is None:
            raise NoGrandparent(
                f"Customer {before['number']} has no head office above it; archive its branches too, or detach them."
            )
        parent = hierarchy.parent_again(session, before["parent_id"])
        new, above = (parent["id"], parent["name"]), before["path_ids"][:-1]
    change = reference_change("parent", "Head office", (before["id"], before["name"]), new)
    save_all(
        session, [({**each, "parent_id": new[0], "path_ids": [*above, each["id"]]}, [change]) for each in branches]
    )


def _archived(session: Session, before: Record, reason: str) -> tuple[Record, list[Change]]:
    after = before | {
        "status": "archived",
        "archive_id": new_id(),
        "archive_reason": reason,
        "archived_at": store.moment(session),
    }
    return after, changes(before, after, CUSTOMER_LABELS)


def restore_customer(session: Session, customer_id: str) -> Record:
    """Makes an archived customer active again; an active one stays as it is, and a deletion that was asked for is taken
    back. The event still names the archive that ends, so that others bring back exactly what that archive ended. Raises
    DuplicateTaxId where an active customer has taken its tax id over."""
    hierarchy.lock_tree(session, alone=False)
    before = lock_customer(session, customer_id, archived=True)
    if before["status"] == "active":
        return before
    if before["parent_id"]:
        hierarchy.parent_again(session, before["parent_id"])
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
    refuse_clashes(session, [customer_id])
    ended = {field: before[field] for field in ("archive_id", "archive_reason", "archived_at")}
    outbox.add(session, events.customer("restored", after | ended, changes=changes(before, after, CUSTOMER_LABELS)))
    return after
