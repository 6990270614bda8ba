"""The refused rows of an import: stored with their reasons, and given back as a file that can be corrected."""

from collections.abc import Iterator, Sequence

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.db import Database
from common.importing.kinds import Importing
from common.importing.queries import import_
from common.importing.rows import Problem, Row
from common.importing.tables import rejected_rows
from common.spreadsheets import MARK, csv_line

_ROWS_AT_ONCE = 1_000


def store(session: Session, import_id: str, refused: Sequence[tuple[Row, list[Problem]]]) -> None:
    """Keeps refused rows with the first problem's code and the words of all."""
    if refused:
        rows = [
            {
                "row": row.place,
                "line": row.raw.line,
                "code": problems[0][0],
                "detail": " ".join(detail for _code, detail in problems),
                "cells": [storable(cell) for cell in row.raw.cells],
            }
            for row, problems in refused
        ]
        session.execute(_STORE, {"id": import_id, "rows": orjson.dumps(rows).decode()})


def storable(cell: str) -> str:
    """The cell as PostgreSQL can hold it: bytes that are no text are shown as `\\xE9`."""
    if cell.isprintable():
        return cell
    shown = "".join(f"\\x{ord(c) - 0xDC00:02X}" if "\udc80" <= c <= "\udcff" else c for c in cell)
    return shown.replace("\x00", "\\x00").encode("utf-8", "replace").decode()


def refused_file(database: Database, importing: Importing, import_id: str) -> Iterator[str]:
    """The refused rows as CSV, as the file had them, with `error_code`, `error_detail` and `line` at the end. Raises
    the service's refusals: not found, and unfinished while it runs."""
    with database.transaction() as session:
        shown = import_(session, importing, import_id)
    if shown["state"] not in {"completed", "failed"}:
        raise importing.refusals.unfinished(
            "The import still runs; its refused rows are complete when it has finished."
        )
    columns = [entry["column"] for entry in shown["columns"] or ()]
    return _lines(database, import_id, columns)


def _lines(database: Database, import_id: str, columns: Sequence[str]) -> Iterator[str]:
    yield MARK + csv_line([*columns, "error_code", "error_detail", "line"])
    after = 0
    while True:
        statement = (
            select(rejected_rows)
            .where(rejected_rows.c.import_id == import_id, rejected_rows.c.row > after)
            .order_by(rejected_rows.c.row)
            .limit(_ROWS_AT_ONCE)
        )
        # A transaction for each batch: the caller may read slowly.
        with database.transaction() as session:
            rows = session.execute(statement).mappings().all()
        for row in rows:
            cells = (row["cells"] + [""] * len(columns))[: max(len(columns), len(row["cells"]))]
            yield csv_line([*cells, row["code"], row["detail"], str(row["line"])])
        if len(rows) < _ROWS_AT_ONCE:
            return
        after = rows[-1]["row"]


_STORE = text(
    """
    INSERT INTO rejected_rows (import_id, row, line, code, detail, cells)
    SELECT CAST(:id AS uuid), r.row, r.line, r.code, r.detail, r.cells
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(row integer, line integer, code text, detail text, cells jsonb)
    """
)
