"""Merges in: what a service does where customers become one, and where that is undone."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox, replicas
from common.envelope import Event
from common.records import moment
from common.service import Handler
from customer_replica.merging import statements
from customer_replica.merging.parts import Below, Moved, Part

log = logging.getLogger(__name__)

Prepare = Callable[[Session, Sequence[str]], None]
_LONGEST_CHAIN = 16


def nothing_first(_session: Session, _customer_ids: Sequence[str]) -> None:
    """Nothing is to be locked first."""


def merge_handlers(parts: Sequence[Part], prepare: Prepare = nothing_first) -> Mapping[str, Handler]:
    """The handlers of both events. `prepare` gets the ids of the customers whose rows may move, before any does, and
    locks what others lock first."""

    def on_merged(session: Session, event: Event) -> None:
        if _is_news(session, event, undone=False):
            merged(session, parts, event.data["id"], event.data["id_map"], prepare)

    def on_unmerged(session: Session, event: Event) -> None:
        if _is_news(session, event, undone=True):
            unmerged(session, parts, event.data["id"], event.data["id_map"], prepare)

    return {"customer.customer.merged.v1": on_merged, "customer.customer.unmerged.v1": on_unmerged}


def merged(
    session: Session, parts: Sequence[Part], merge_id: str, id_map: Mapping[str, str], prepare: Prepare = nothing_first
) -> None:
    """Moves everything of the merged customers to the survivor; where that was merged itself, on to that one."""
    prepare(session, sorted(id_map))
    rows = {"customers": list(id_map), "survivors": list(id_map.values()), "merge": merge_id}
    session.execute(_MERGED, rows)
    _move_on(session, parts, [merge_id])


def unmerged(
    session: Session, parts: Sequence[Part], merge_id: str, id_map: Mapping[str, str], prepare: Prepare = nothing_first
) -> None:
    """Moves back exactly what the merge had moved, unless it belongs to somebody else by now."""
    session.execute(_APART, {"merge": merge_id})
    survivors = sorted(set(id_map.values()))
    present = session.execute(_PRESENT, {"ids": survivors}).scalars().all()
    prepare(session, sorted({*survivors, *present}))
    for part in parts:
        found = session.execute(
            text(statements.back(part)),
            {"merge": merge_id, "present": [*survivors, *present], "now": moment(session)},
        )
        _go_along(session, part, [Moved(row.id, row.before, row.after) for row in found])
    session.execute(_FORGET_MOVES, {"merge": merge_id})
    # A later merge of the same customers may have been heard of before this end of an earlier one.
    _move_on(session, parts, session.execute(_MERGES_OF, {"ids": list(id_map)}).scalars().all())


def follow_late_rows(session: Session, parts: Sequence[Part], prepare: Prepare = nothing_first) -> int:
    """Moves what was written for merged customers after their merge, by who had not heard of it; returns how many."""
    waiting = session.execute(_ALL).all()
    if not waiting:
        return 0
    prepare(session, sorted({str(row.customer_id) for row in waiting}))
    return _move_on(session, parts, sorted({str(row.merge_id) for row in waiting}))


def give(session: Session, part: Part, owners: Mapping[str, str]) -> None:
    """Gives rows, by their ids, to the customers that their owner names by now, with what is below them: for a replica
    whose owner knows better than the order in which this service heard of merges and of their end."""
    rows = orjson.dumps([{"id": one, "customer": customer} for one, customer in sorted(owners.items())]).decode()
    found = session.execute(text(statements.given(part)), {"rows": rows, "now": moment(session)})
    _go_along(session, part, [Moved(row.id, row.before, row.after) for row in found])


def note_late(session: Session, part: Part, told: Mapping[str, str]) -> None:
    """Notes rows, by their ids, that came after a merge and were told of as belonging to a customer that was merged: an
    undo takes them to it."""
    rows = orjson.dumps([{"id": one, "customer": customer} for one, customer in sorted(told.items())]).decode()
    session.execute(_NOTE_LATE, {"part": part.name, "rows": rows})


def _is_news(session: Session, event: Event, *, undone: bool) -> bool:
    """Whether this is the newest that was heard of a merge. One merge at a time: what they move may meet."""
    replicas.flush(session)
    session.execute(_ONE_AT_A_TIME)
    values = {"id": event.data["id"], "version": event.version, "undone": undone}
    return session.execute(_HEARD, values).first() is not None


def _move_on(session: Session, parts: Sequence[Part], merges: Iterable[str]) -> int:
    """Moves what belongs to customers of these merges, then of those in which their survivors went on."""
    moved, todo = 0, list(merges)
    for _step in range(_LONGEST_CHAIN):
        if not todo:
            break
        moved += sum(_move(session, part, todo) for part in parts)
        todo = list(session.execute(_NEXT, {"merges": todo}).scalars())
    return moved


def _move(session: Session, part: Part, merges: Sequence[str]) -> int:
    found = session.execute(text(statements.forth(part)), {"merges": list(merges), "now": moment(session)}).all()
    staying = sum(row.stays for row in found)
    if staying:
        log.info("rows stay with a merged customer", extra={"part": part.name, "rows": staying})
    moved = [Moved(row.id, row.before, row.after) for row in found if not row.stays]
    _go_along(session, part, moved)
    return len(moved)


def _go_along(session: Session, part: Part | Below, moved: Sequence[Moved]) -> None:
    """What is below moved rows goes with them; all of it is told."""
    if not moved:
        return
    ids = [row.id for row in moved]
    for below in part.below:
        found = session.execute(text(statements.along(part, below)), {"ids": ids, "now": moment(session)})
        if below.tell or below.below:
            _go_along(session, below, [Moved(row.id, row.before, row.after) for row in found])
    if part.tell:
        for draft in part.tell(session, sorted(moved, key=lambda row: row.id)):
            outbox.add(session, draft)


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('customer merges', 0))")
_HEARD = text(
    """
    INSERT INTO replica_merges AS old (id, version, undone) VALUES (CAST(:id AS uuid), :version, :undone)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, undone = excluded.undone
    WHERE old.version < excluded.version
    RETURNING 1
    """
)
# Ids of merges follow their time: of two merges of one customer the later one counts, whichever is heard of first.
_MERGED = text(
    """
    INSERT INTO replica_merged_customers AS old (customer_id, survivor_id, merge_id)
    SELECT customer, survivor, CAST(:merge AS uuid)
    FROM unnest(CAST(:customers AS uuid[]), CAST(:survivors AS uuid[])) AS m (customer, survivor)
    ORDER BY customer
    ON CONFLICT (customer_id) DO UPDATE SET survivor_id = excluded.survivor_id, merge_id = excluded.merge_id
    WHERE old.merge_id < excluded.merge_id
    """
)
_APART = text("DELETE FROM replica_merged_customers WHERE merge_id = CAST(:merge AS uuid)")
_NOTE_LATE = text(
    """
    INSERT INTO merge_moves (merge_id, part, record_id, customer_id, before, after)
    SELECT m.merge_id, :part, r.id, r.customer, '{}', '{}'
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, customer uuid)
    JOIN replica_merged_customers m ON m.customer_id = r.customer
    ON CONFLICT (merge_id, part, record_id) DO UPDATE SET customer_id = excluded.customer_id
    """
)
_PRESENT = text("SELECT customer_now(id)::text FROM unnest(CAST(:ids AS uuid[])) AS s (id)")
_FORGET_MOVES = text("DELETE FROM merge_moves WHERE merge_id = CAST(:merge AS uuid)")
_MERGES_OF = text(
    "SELECT DISTINCT merge_id::text FROM replica_merged_customers WHERE customer_id = ANY (CAST(:ids AS uuid[]))"
)
_NEXT = text(
    """
    SELECT DISTINCT n.merge_id::text
    FROM replica_merged_customers m JOIN replica_merged_customers n ON n.customer_id = m.survivor_id
    WHERE m.merge_id = ANY (CAST(:merges AS uuid[]))
    """
)
_ALL = text("SELECT merge_id, customer_id FROM replica_merged_customers")
