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

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context, context_for
from common.db import Database
from common.ids import new_id
from customer import events
from customer.domain.numbers import Numbering
from customer.use_cases.imports import lease
from customer.use_cases.imports.chunk import DUPLICATES, Chunk, Options, Outcome
from customer.use_cases.imports.fields import assign
from customer.use_cases.imports.files import FileUnreadable, Raw, Table, open_table
from customer.use_cases.imports.rows import Problem, Reader, Row
from customer.use_cases.imports.writes import Interfered
from customer.use_cases.store import Record

log = logging.getLogger(__name__)

Checked = Sequence[tuple[Row, list[Problem]]]

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs imports on one database."""

    database: Database
    numbering: Numbering
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
                fields = assign(table.columns, claimed["mapping"], claimed["type"])
                self._describe(claimed, token, table.columns, fields, total)
                # A file that may create customers and has names must name each of them; otherwise empty keeps.
                creates = claimed["mode"] != "update"
                of = claimed["type"]
                reader = Reader(table.columns, fields, self.numbering, name_required=creates, of=of)
            assert reader is not None
            self._write(claimed, token, done, read_rows(reader, done, chunk))
            done += len(chunk)
        fields = fields or assign(table.columns, claimed["mapping"], claimed["type"])
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
        options = Options(claimed["id"], claimed["type"], claimed["mode"], claimed["match"], claimed["dry_run"])
        good = [row for row, problems in rows if not problems]
        outcome = Chunk(session, options, self.numbering).write(good)
        outcome.refused += [(row, problems) for row, problems in rows if problems]
        _store_refused(session, claimed["id"], outcome)
        counts = _counts(outcome)
        lease.checkpoint(session, claimed["id"], done + len(rows), counts, outbox.last_event_id(session))

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
        needed = _needed(claimed)
        if missing and columns:
            raise FileUnreadable(f"The mapping names columns that the file does not have: {', '.join(missing)[:300]}.")
        if not set(fields) & needed:
            raise FileUnreadable(
                f"No column was recognised as {' or '.join(sorted(needed))}; name it in `mapping`."
                f" The columns are: {', '.join(columns)[:500]}."
            )

        def work(session: Session) -> None:
            lease.renew(session, claimed["id"], token, self.lease_seconds)
            lease.describe(session, claimed["id"], total, _columns(columns, fields))

        self.database.run(work)

    def _finish(self, claimed: Record, token: str, columns: Sequence[dict[str, Any]]) -> None:
        def work(session: Session) -> None:
            lease.renew(session, claimed["id"], token, self.lease_seconds)
            record = lease.finish(session, claimed["id"], columns=columns)
            # An import that stored nothing tells nobody: a second run of the same file leaves no trace but its record.
            if not record["dry_run"] and record["created"] + record["updated"]:
                outbox.add(session, events.import_finished(record))

        self.database.run(work, context=_context(claimed))

    def _fail(self, claimed: Record, token: str, code: str, detail: str) -> None:
        def work(session: Session) -> None:
            lease.renew(session, claimed["id"], token, self.lease_seconds)
            lease.finish(session, claimed["id"], error=(code, detail))

        self.database.run(work)
        log.warning("import failed", extra={"import_id": claimed["id"], "code": code})


def read_rows(reader: Reader, done: int, raws: Sequence[Raw]) -> list[tuple[Row, list[Problem]]]:
    """Each row with what is wrong with it; `done` rows came before."""
    rows: list[tuple[Row, list[Problem]]] = []
    for place, raw in enumerate(raws, start=done + 1):
        read = reader.read(place, raw)
        rows.append((read, []) if isinstance(read, Row) else (Row(place, raw, {}), read))
    return rows


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
        "possible_duplicates": outcome.possible_duplicates,
        "duplicate": duplicate,
        "invalid": len(outcome.refused) - duplicate,
    }


def _store_refused(session: Session, import_id: str, outcome: Outcome) -> None:
    if outcome.refused:
        session.execute(_REFUSED, {"id": import_id, "rows": _refused_json(outcome.refused)})


def _refused_json(refused: Checked) -> str:
    return orjson.dumps(
        [
            {
                "row": row.place,
                "line": row.raw.line,
                "code": problems[0][0],
                "detail": " ".join(detail for _code, detail in problems),
                "cells": [_storable(cell) for cell in row.raw.cells],
            }
            for row, problems in refused
        ]
    ).decode()


def _storable(cell: str) -> str:
    """The cell as PostgreSQL can hold it: bytes that are no text are shown as `\\xE9`."""
    if cell.isprintable():
        return cell
    shown = "".join(f"\\x{ord(c) - 0xDC00:02X}" if "\udc80" <= c <= "\udcff" else c for c in cell)
    return shown.replace("\x00", "\\x00").encode("utf-8", "replace").decode()


def _columns(columns: Sequence[str], fields: Sequence[str | None]) -> list[dict[str, Any]]:
    pairs = zip(columns, fields, strict=False)
    return [{"column": _storable(column), "field": field} for column, field in pairs]


def _needed(claimed: Record) -> set[str]:
    """One of these must be among the columns."""
    if claimed["mode"] == "create" and claimed["type"] == "customers":
        return {"name"}
    return {claimed["match"]}


def _context(claimed: Record) -> Context:
    return context_for(f"import:{claimed['id']}", claimed["requested_label"]).bulk()


def _part(session: Session, import_id: str, part: int) -> bytes | None:
    body = session.execute(_PART, {"id": import_id, "part": part}).scalar()
    return bytes(body) if body is not None else None


# The limits of a transaction are a person's patience; a chunk may wait longer.
_PATIENT = text("SELECT set_config('statement_timeout', '60s', true), set_config('lock_timeout', '10s', true)")
_PART = text("SELECT body FROM import_parts WHERE import_id = CAST(:id AS uuid) AND part = :part")
_REFUSED = text(
    """
    INSERT INTO rejected_rows (import_id, row, line, code, detail, cells)
    SELECT CAST(:id AS uuid), r.row, r.line, r.code, r.detail, r.cells
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(row integer, line integer, code text, detail text, cells jsonb)
    """
)
