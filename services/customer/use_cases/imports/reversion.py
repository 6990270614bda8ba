"""Reverting an import: what it created goes, what it changed gets its former values; what was touched since stays.

Done by the worker, a batch in each transaction together with how far it is, so that an interrupted one goes on. What
the import created is known by its id on the customer; what it changed, by its events in the outbox.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from threading import Event as Stop
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.context import context_for
from common.db import Database
from customer import events
from customer.errors import ImportNotFound, ImportUnfinished
from customer.errors.imports import AlreadyReverted
from customer.use_cases import duplicates
from customer.use_cases.hierarchy import lock_tree
from customer.use_cases.imports import reverting_changes
from customer.use_cases.imports.undoing import Skip
from customer.use_cases.locking import lock_customers
from customer.use_cases.merging.parts import PARTS
from customer.use_cases.store import Record, moment

_LAST: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def start_reversion(session: Session, import_id: str, *, dry_run: bool, requested_by: str) -> None:
    """Queues the reversion of a finished import. Raises ImportNotFound, ImportUnfinished and AlreadyReverted."""
    row = session.execute(_LOCK, {"id": import_id}).mappings().one_or_none()
    if row is None:
        raise ImportNotFound("There is no such import.")
    if row["state"] not in {"completed", "failed"}:
        raise ImportUnfinished("The import still runs; revert it when it has finished.")
    if row["reversion"] == "running":
        raise AlreadyReverted("A reversion of this import is on its way; wait for its end.")
    if row["reversion"] == "completed" and not row["reversion_dry_run"]:
        raise AlreadyReverted("This import was reverted already; what could not be reverted is listed with it.")
    session.execute(_FORGET_SKIPS, {"id": import_id})
    label = session.info["context"].actor_label
    session.execute(_START, {"id": import_id, "dry_run": dry_run, "by": requested_by, "label": label, "last": _LAST})


@dataclass(frozen=True, slots=True)
class Reversions:
    """Reverts imports of one database."""

    database: Database
    batch: int = 500

    def run(self, stop: Stop) -> bool:
        """Does one batch of the oldest open reversion; returns whether there may be more."""
        if stop.is_set():
            return False
        found = self.database.run(lambda session: session.execute(_OPEN).mappings().one_or_none())
        if found is None:
            return False
        context = context_for(f"import:{found['id']}", found["reversion_label"]).bulk()
        self.database.run(lambda session: revert_batch(session, found["id"], self.batch), context=context)
        return True


def revert_batch(session: Session, import_id: str, most: int) -> None:
    """Reverts the next batch, unless another worker is at it: first the customers that the import created, the newest
    first, then the changes of others, the latest first."""
    record = session.execute(_CLAIM, {"id": import_id}).mappings().one_or_none()
    if record is None:
        return
    lock_tree(session, alone=True)
    if record["reversion_after"] is not None:
        ids = list(session.execute(_CREATED, {**record, "most": most}).scalars())
        done, skips = _remove_created(session, record, ids)
        # Without any left, the changes are next.
        _note(session, record, done, skips, after=ids[-1] if ids else None, before=record["reversion_before"])
        return
    found = session.execute(_CHANGES, {**record, "needle": f'"batch_id":"{import_id}"', "most": most}).mappings().all()
    if not found:
        _finish(session, dict(record))
        return
    done, skips = reverting_changes.revert(session, dict(record), found)
    _note(session, record, done, skips, after=None, before=found[-1]["seq"])


def _remove_created(session: Session, record: Any, ids: Sequence[str]) -> tuple[int, list[Skip]]:
    if not ids:
        return 0, []
    customers = lock_customers(session, sorted(ids))
    used = {row.id: "has branches or merged customers" for row in session.execute(_BELOW, {"ids": list(ids)})}
    used |= {row.id: "is under legal hold" for row in session.execute(_HELD, {"ids": list(ids)})}
    for part in PARTS:
        for row in part.read(session, list(ids)):
            for owner in {row[column] for column in part.columns} & customers.keys():
                if row["version"] != 1 or row.get("created_at") != customers[owner]["created_at"]:
                    used.setdefault(owner, f"has {part.name} that were added or edited since")
    for customer in customers.values():
        if customer["version"] != 1:
            used[customer["id"]] = "was edited since"
    gone = [customer for customer in customers.values() if customer["id"] not in used]
    skips = [Skip(customer_id, "customer", customer_id, None, reason) for customer_id, reason in used.items()]
    if not record["reversion_dry_run"] and gone:
        # Nobody has worked with these: their numbers may be used again, as by a better file.
        for customer in gone:
            after = customer | {"version": 2, "updated_at": moment(session)}
            outbox.add(session, events.customer("deleted", after, batch_id=record["id"]))
        session.execute(_DELETE, {"ids": [customer["id"] for customer in gone]})
        duplicates.mark_all(session, [customer["id"] for customer in gone])
    return len(gone), skips


def _note(
    session: Session, record: Any, done: int, skips: Sequence[Skip], *, after: str | None, before: int | None
) -> None:
    values = {"id": record["id"], "done": done, "skipped": len(skips), "after": after, "before": before}
    session.execute(_PROGRESS, values)
    if skips:
        rows = orjson.dumps([asdict(skip) for skip in skips]).decode()
        session.execute(_SKIPPED, {"id": record["id"], "rows": rows})


def _finish(session: Session, record: Record) -> None:
    session.execute(_DONE, {"id": record["id"]})
    if not record["reversion_dry_run"] and record["reverted"]:
        outbox.add(session, events.import_reverted(record))


_LOCK = text("SELECT state, reversion, reversion_dry_run FROM imports WHERE id = CAST(:id AS uuid) FOR UPDATE")
_FORGET_SKIPS = text("DELETE FROM reversion_skips WHERE import_id = CAST(:id AS uuid)")
_START = text(
    """
    UPDATE imports SET reversion = 'running', reversion_dry_run = :dry_run, reversion_by = :by,
        reversion_label = :label, reversion_after = CAST(:last AS uuid), reversion_before = outbox_to + 1, reverted = 0,
        reversion_skipped = 0
    WHERE id = CAST(:id AS uuid)
    """
)
_OPEN = text(
    "SELECT CAST(id AS text) AS id, reversion_label FROM imports WHERE reversion = 'running' ORDER BY id LIMIT 1"
)
_CLAIM = text(
    """
    SELECT CAST(id AS text) AS id, reversion_dry_run, CAST(reversion_after AS text) AS reversion_after,
           reversion_before, outbox_from, reverted, reversion_skipped, reversion_by
    FROM imports WHERE id = CAST(:id AS uuid) AND reversion = 'running' FOR UPDATE SKIP LOCKED
    """
)
_CREATED = text(
    """
    SELECT CAST(id AS text) FROM customers
    WHERE import_id = CAST(:id AS uuid) AND id < CAST(:reversion_after AS uuid) AND merged_into IS NULL
    ORDER BY id DESC LIMIT :most
    """
)
# Those that others stand below, or were merged into.
_BELOW = text(
    """
    SELECT DISTINCT CAST(COALESCE(c.merged_into, c.parent_id) AS text) AS id FROM customers c
    WHERE (c.parent_id = ANY (CAST(:ids AS uuid[])) OR c.merged_into = ANY (CAST(:ids AS uuid[])))
      AND NOT (c.id = ANY (CAST(:ids AS uuid[])) AND c.version = 1)
    """
)
_HELD = text(
    "SELECT DISTINCT CAST(customer_id AS text) AS id FROM legal_holds WHERE customer_id = ANY (CAST(:ids AS uuid[]))"
)
_DELETE = text("DELETE FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))")
# The events of the import lie between two numbers of the log; what it created is not among them any more.
_CHANGES = text(
    """
    SELECT seq, type, CAST(customer_id AS text) AS customer_id, CAST(body AS jsonb) AS body FROM outbox o
    WHERE seq > :outbox_from AND seq < :reversion_before AND lane = 1 AND position(:needle IN body) > 0
      AND NOT EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer_id AND c.import_id = CAST(:id AS uuid))
      AND EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer_id)
    ORDER BY seq DESC LIMIT :most
    """
)
_PROGRESS = text(
    """
    UPDATE imports SET reverted = reverted + :done, reversion_skipped = reversion_skipped + :skipped,
        reversion_after = CAST(:after AS uuid), reversion_before = :before
    WHERE id = CAST(:id AS uuid)
    """
)
_SKIPPED = text(
    """
    INSERT INTO reversion_skips (import_id, customer_id, entity, record_id, path, reason)
    SELECT CAST(:id AS uuid), r.customer_id, r.entity, r.record_id, r.path, r.reason
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(customer_id uuid, entity text, record_id uuid, path text, reason text)
    """
)
_DONE = text("UPDATE imports SET reversion = 'completed' WHERE id = CAST(:id AS uuid)")
