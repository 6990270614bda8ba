"""Deleting a customer for good: asked for, waited for, and done by a job, with a tombstone that stays.

Until the day has come, restoring the customer takes the deletion back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Event as Stop
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.context import context_for
from common.db import Database
from common.errors import Refusal
from customer import events
from customer.domain.changes import CUSTOMER_LABELS, changes
from customer.errors import NotArchived
from customer.errors.deletion import DeletionBlocked, OnLegalHold
from customer.use_cases import duplicates, hierarchy, legal_holds, numbering, store
from customer.use_cases.assignments import refuse_with_assignments
from customer.use_cases.customers import save
from customer.use_cases.links import remove_links_of
from customer.use_cases.locking import lock_customer, lock_customers
from customer.use_cases.store import Record

Blocker = dict[str, Any]

_LABELS: Final = CUSTOMER_LABELS | {"deletion_at": "To be deleted on"}
_AT_ONCE = 50


def ask_deletion(session: Session, customer_id: str, version: int, grace_days: int) -> Record:
    """Sets the day on which an archived customer is deleted; one that has its day keeps it. Raises NotArchived, and
    DeletionBlocked with everything that stands against it."""
    before = lock_customer(session, customer_id, version=version, archived=True)
    if before["status"] != "archived":
        raise NotArchived(f"Archive customer {before['number']} before you delete it.")
    if before["deletion_at"]:
        return before
    blockers = [blocker for check in CHECKS for blocker in _blockers(session, before, check)]
    if blockers:
        raise DeletionBlocked(
            f"Customer {before['number']} cannot be deleted: {' '.join(blocker['detail'] for blocker in blockers)}",
            facts={"blockers": blockers},
        )
    after = before | {
        "deletion_at": store.moment(session) + timedelta(days=grace_days),
        "deletion_by": session.info["context"].actor_label,
    }
    return save(session, after, changes(before, after, _LABELS))


def _refuse_branches(session: Session, record: Record) -> None:
    hierarchy.refuse_with_branches(session, record, "delete it", only_active=False)


def _refuse_assignments(session: Session, record: Record) -> None:
    refuse_with_assignments(session, record, "delete it")


def _refuse_holds(session: Session, record: Record) -> None:
    legal_holds.refuse_held(session, record["id"], "delete it")


def _refuse_held_files(session: Session, record: Record) -> None:
    names = session.execute(_HELD, {"id": record["id"]}).scalars().all()
    if names:
        raise OnLegalHold(
            f"Files are on legal hold: {', '.join(names)}; release them first.", facts={"files": list(names)}
        )


# Each refuses where something would lose its customer, and says where to go.
CHECKS: Final[Sequence[Callable[[Session, Record], None]]] = (
    _refuse_branches,
    _refuse_assignments,
    _refuse_holds,
    _refuse_held_files,
)


def _blockers(session: Session, record: Record, check: Callable[[Session, Record], None]) -> list[Blocker]:
    try:
        check(session, record)
    except Refusal as refusal:
        return [{"code": refusal.code, "detail": refusal.detail, **refusal.facts}]
    return []


@dataclass(frozen=True, slots=True)
class Purge:
    """Deletes the customers of one database whose day has come."""

    database: Database

    def run(self, stop: Stop) -> bool:
        """Deletes some of them; returns whether there may be more."""
        if stop.is_set():
            return False
        context = context_for("system:purge", "Deletion after its time of grace")
        return self.database.run(_purge, context=context) == _AT_ONCE


def _purge(session: Session) -> int:
    ids = list(session.execute(_DUE, {"now": store.moment(session), "most": _AT_ONCE}).scalars())
    aliases = list(session.execute(_ALIASES, {"ids": ids}).scalars())
    records = lock_customers(session, sorted({*ids, *aliases}))
    now = store.moment(session)
    # An archived customer is read-only: what did not stand against its deletion when it was asked for does not now.
    due = [record for record in records.values() if record["merged_into"] or _is_due(record, now)]
    for record in due:
        # The tombstone: the number and id stay, with who deleted them and when.
        by = record["deletion_by"] or records.get(record["merged_into"], record)["deletion_by"]
        numbering.retire(session, record["number"], record["id"], by=by)
        outbox.add(session, events.customer("deleted", record | {"version": record["version"] + 1, "updated_at": now}))
    gone = [record["id"] for record in due]
    remove_links_of(session, gone)
    session.execute(_DELETE, {"ids": gone})
    duplicates.mark_all(session, gone)
    return len(ids)


def _is_due(record: Record, now: Any) -> bool:
    return record["deletion_at"] is not None and record["deletion_at"] <= now


_HELD = text("SELECT name FROM files WHERE legal_hold AND customer_id = CAST(:id AS uuid) ORDER BY name LIMIT 20")
_DUE = text(
    """
    SELECT CAST(id AS text) FROM customers c
    WHERE deletion_at <= :now AND NOT EXISTS (SELECT 1 FROM customers b WHERE b.parent_id = c.id)
    ORDER BY deletion_at, id LIMIT :most
    """
)
_ALIASES = text("SELECT CAST(id AS text) FROM customers WHERE merged_into = ANY (CAST(:ids AS uuid[]))")
_DELETE = text("DELETE FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))")
