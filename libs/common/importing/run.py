"""The worker's part of an import: claims one, reads its file in chunks and writes each chunk with its checkpoint."""

import gc
import itertools
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event as Stop
from typing import IO, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context, context_for
from common.db import Database
from common.ids import new_id
from common.importing import lease, refused
from common.importing.claims import claim
from common.importing.files import FileUnreadable, Table, open_table
from common.importing.headings import assign
from common.importing.kinds import DUPLICATES, Importing, Interfered, Options, Outcome, Record
from common.importing.rows import Problem, Reader, Row, read_rows

log = logging.getLogger(__name__)

Checked = Sequence[tuple[Row, list[Problem]]]

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs imports on one database."""

    database: Database
    importing: Importing
    chunk_rows: int = 1_000
    lease_seconds: int = 20

    def run(self, stop: Stop) -> bool:
        """Runs the oldest open import to its end, or until the process stops. Returns whether there was one."""
        token = new_id()
        claimed = self.database.run(lambda session: lease.claim(session, token, self.lease_seconds))
        if claimed is None:
            return False
        try:
            self._run(claimed, token, stop)
        except lease.LeaseLost:
            log.warning("import lost its lease", extra={"import_id": claimed["id"]})
        return True

    def _run(self, claimed: Record, token: str, stop: Stop) -> None:
        if claimed["attempts"] > lease.MAX_ATTEMPTS:
            self._fail(claimed, token, "interrupted", "The import was interrupted again and again at the same rows.")
            return
        with tempfile.NamedTemporaryFile() as spool:
            try:
                self._spool(claimed["id"], spool)
                with open(spool.name, "rb") as file:
                    total = sum(1 for _ in open_table(file).rows)
                with open(spool.name, "rb") as file:
                    self._write_all(claimed, token, stop, open_table(file), total)
            except FileUnreadable as error:
                self._fail(claimed, token, "file_unreadable", str(error))

    def _write_all(self, claimed: Record, token: str, stop: Stop, table: Table, total: int) -> None:
        kind = self.importing.kinds[claimed["type"]]
        rows = itertools.islice(table.rows, claimed["done"], None)
        done = claimed["done"]
        reader: Reader | None = None
        known = -1
        fields: list[str | None] = []
        while chunk := list(itertools.islice(rows, self.chunk_rows)):
            if stop.is_set():
                self.database.run(lambda session: lease.release(session, claimed["id"], token))
                return
            if len(table.columns) != known:
                known = len(table.columns)
                fields = assign(table.columns, claimed["mapping"], kind.field_of)
                self._describe(claimed, token, table.columns, fields, total)
                reader = kind.reader(table.columns, fields, _options(claimed))
            assert reader is not None
            self._write(claimed, token, done, read_rows(reader, done, chunk))
            done += len(chunk)
        fields = fields or assign(table.columns, claimed["mapping"], kind.field_of)
        self._finish(claimed, token, _columns(table.columns, fields))

    def _write(self, claimed: Record, token: str, done: int, rows: Checked) -> None:
        for tries_left in reversed(range(_TRIES)):
            try:
                with _without_collector():
                    self.database.run(
                        lambda session: self._write_chunk(session, claimed, token, done, rows),
                        context=_context(claimed),
                    )
                return
            except Interfered:
                if not tries_left:
                    raise

    def _write_chunk(self, session: Session, claimed: Record, token: str, done: int, rows: Checked) -> None:
        session.execute(_PATIENT)
        lease.renew(session, claimed["id"], token, self.lease_seconds)
        good = [row for row, problems in rows if not problems]
        outcome = self._apply(session, claimed, good)
        outcome.refused += [(row, problems) for row, problems in rows if problems]
        refused.store(session, claimed["id"], outcome.refused)
        counts = _counts(outcome)
        lease.checkpoint(session, claimed["id"], done + len(rows), counts, outbox.last_event_id(session))

    def _apply(self, session: Session, claimed: Record, rows: Sequence[Row]) -> Outcome:
        kind = self.importing.kinds[claimed["type"]]
        first, repeated = claim(session, claimed["id"], rows, kind.repeated)
        if not first:
            return repeated
        outcome = kind.apply(session, first, _options(claimed))
        outcome.refused = repeated.refused + outcome.refused
        return outcome

    def _spool(self, import_id: str, file: IO[bytes]) -> None:
        for part in itertools.count():
            body = self.database.run(partial(_part, import_id=import_id, part=part))
            if body is None:
                break
            file.write(body)
        file.flush()

    def _describe(
        self, claimed: Record, token: str, columns: Sequence[str], fields: Sequence[str | None], total: int
    ) -> None:
        missing = sorted(set(claimed["mapping"]) - set(columns)) if total else []
        if missing and columns:
            raise FileUnreadable(f"The mapping names columns that the file does not have: {', '.join(missing)[:300]}.")
        lacking = self.importing.kinds[claimed["type"]].lacking(fields, _options(claimed))
        if lacking:
            raise FileUnreadable(
                f"No column was recognised as {lacking}; name it in `mapping`."
                f" The columns are: {', '.join(columns)[:500]}."
            )

        def work(session: Session) -> None:
            lease.renew(session, claimed["id"], token, self.lease_seconds)
            lease.describe(session, claimed["id"], total, _columns(columns, fields))

        self.database.run(work)

    def _finish(self, claimed: Record, token: str, columns: Sequence[dict[str, Any]]) -> None:
        def work(session: Session) -> None:
            lease.renew(session, claimed["id"], token, self.lease_seconds)
            self.importing.finished(session, lease.finish(session, claimed["id"], columns=columns))

        self.database.run(work, context=_context(claimed))

    def _fail(self, claimed: Record, token: str, code: str, detail: str) -> None:
        def work(session: Session) -> None:
            lease.renew(session, claimed["id"], token, self.lease_seconds)
            self.importing.finished(session, lease.finish(session, claimed["id"], error=(code, detail)))

        self.database.run(work, context=_context(claimed))
        log.warning("import failed", extra={"import_id": claimed["id"], "code": code})


@contextmanager
def _without_collector() -> Iterator[None]:
    """Puts off the search for reference cycles until the chunk is written: it would walk over all rows again and again,
    a quarter of the time of an import, and they hold no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _counts(outcome: Outcome) -> dict[str, int]:
    duplicate = sum(problems[0][0] in DUPLICATES for _row, problems in outcome.refused)
    return {
        "created": outcome.created,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "duplicate": duplicate,
        "invalid": len(outcome.refused) - duplicate,
        **outcome.more,
    }


def _columns(columns: Sequence[str], fields: Sequence[str | None]) -> list[dict[str, Any]]:
    pairs = zip(columns, fields, strict=False)
    return [{"column": refused.storable(column), "field": field} for column, field in pairs]


def _options(claimed: Record) -> Options:
    return Options(claimed["id"], claimed["type"], claimed["mode"], claimed["match"], claimed["dry_run"])


def _context(claimed: Record) -> Context:
    return context_for(f"import:{claimed['id']}", claimed["requested_label"]).bulk()


def _part(session: Session, import_id: str, part: int) -> bytes | None:
    body = session.execute(_PART, {"id": import_id, "part": part}).scalar()
    return bytes(body) if body is not None else None


# The limits of a transaction are a person's patience; a chunk may wait longer.
_PATIENT = text("SELECT set_config('statement_timeout', '60s', true), set_config('lock_timeout', '10s', true)")
_PART = text("SELECT body FROM import_parts WHERE import_id = CAST(:id AS uuid) AND part = :part")
