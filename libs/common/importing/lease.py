"""Which worker runs an import: a lease in its row, by the database's clock, renewed with every chunk."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from common.importing.kinds import Record

# A chunk that kills its process this often without any progress ends the import.
MAX_ATTEMPTS = 5


class LeaseLost(Exception):
    """Another worker has the import now; this one's chunk is rolled back."""


def claim(session: Session, lease: str, seconds: int) -> Record | None:
    """Takes the oldest import that nobody works on, or returns None."""
    row = session.execute(_CLAIM, {"lease": lease, "seconds": seconds}).mappings().one_or_none()
    return dict(row) if row else None


def renew(session: Session, import_id: str, lease: str, seconds: int) -> None:
    """Locks the import for this transaction and prolongs the lease; raises LeaseLost."""
    if not session.execute(_RENEW, {"id": import_id, "lease": lease, "seconds": seconds}).scalar():
        raise LeaseLost(import_id)


def release(session: Session, import_id: str, lease: str) -> None:
    """Lets another worker go on at once."""
    session.execute(
        text("UPDATE imports SET leased_until = NULL, attempts = 0 WHERE id = CAST(:id AS uuid) AND lease = :lease"),
        {"id": import_id, "lease": lease},
    )


def describe(session: Session, import_id: str, total: int | None, columns: Sequence[Mapping[str, Any]]) -> None:
    """Notes how many rows there are and how the columns were understood."""
    session.execute(_DESCRIBE, {"id": import_id, "total": total, "columns": orjson.dumps(list(columns)).decode()})


def checkpoint(session: Session, import_id: str, done: int, counts: Mapping[str, int], event_id: str | None) -> None:
    """Counts a chunk: the next one begins after `done` rows."""
    statement = _checkpoint(tuple(counts))
    session.execute(statement, {"id": import_id, "done": done, "event_id": event_id, **counts})


def finish(
    session: Session, import_id: str, *, columns: Sequence[Mapping[str, Any]] = (), error: tuple[str, str] | None = None
) -> Record:
    """Ends the import, completed or failed, forgets its file and returns its row."""
    code, detail = error or (None, None)
    row = session.execute(
        _FINISH,
        {
            "id": import_id,
            "state": "failed" if error else "completed",
            "code": code,
            "detail": detail,
            "columns": orjson.dumps(list(columns)).decode() if columns else None,
        },
    )
    for table in ("import_parts", "import_keys"):
        session.execute(text(f"DELETE FROM {table} WHERE import_id = CAST(:id AS uuid)"), {"id": import_id})  # noqa: S608  # the parts are of this module
    return dict(row.mappings().one())


_CLAIM = text(
    """
    UPDATE imports SET state = 'running', lease = CAST(:lease AS uuid), attempts = attempts + 1,
        leased_until = now() + make_interval(secs => :seconds), started_at = COALESCE(started_at, now()),
        outbox_from = COALESCE(outbox_from, (SELECT max(seq) FROM outbox), 0)
    WHERE id = (
        SELECT id FROM imports
        WHERE state IN ('queued', 'running') AND (leased_until IS NULL OR leased_until < now())
        ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING CAST(id AS text) AS id, type, mode, match, mapping, dry_run, done, requested_by, requested_label, attempts
    """
)
_RENEW = text(
    """
    UPDATE imports SET leased_until = now() + make_interval(secs => :seconds)
    WHERE id = CAST(:id AS uuid) AND lease = CAST(:lease AS uuid) AND state = 'running' RETURNING 1
    """
)
_DESCRIBE = text("UPDATE imports SET total = :total, columns = CAST(:columns AS jsonb) WHERE id = CAST(:id AS uuid)")


@lru_cache(maxsize=8)
def _checkpoint(counted: tuple[str, ...]) -> TextClause:
    counts = ", ".join(f"{name} = {name} + :{name}" for name in counted)
    return text(
        f"UPDATE imports SET done = :done, attempts = 0, {counts},"  # noqa: S608  # our own names
        " last_event_id = COALESCE(CAST(:event_id AS uuid), last_event_id) WHERE id = CAST(:id AS uuid)"
    )


_FINISH = text(
    """
    UPDATE imports SET state = :state, error_code = :code, error_detail = :detail, finished_at = now(), lease = NULL,
        leased_until = NULL, outbox_to = (SELECT max(seq) FROM outbox),
        total = CASE WHEN :state = 'completed' THEN done ELSE total END,
        columns = COALESCE(CAST(:columns AS jsonb), columns)
    WHERE id = CAST(:id AS uuid)
    RETURNING CAST(id AS text) AS id, type, mode, dry_run, state, created, updated, unchanged, duplicate, invalid,
        requested_by
    """
)
