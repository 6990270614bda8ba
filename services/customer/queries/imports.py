"""Imports with their progress, and the rows that they refused as a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from common.db import Database
from common.paging import Key, keyset
from common.spreadsheets import MARK, csv_line
from common.web import Page
from customer.errors import ImportNotFound, ImportUnfinished
from customer.tables.duplicates import duplicate_checks, duplicate_pairs
from customer.tables.imports import imports, rejected_rows, reversion_skips

_COUNTS = ("created", "updated", "unchanged", "duplicate", "invalid")
_ROWS_AT_ONCE = 1_000

# A dry run counts as it goes; of a real one the pairs are found by the sweep.
_PAIRS = (
    select(func.count())
    .select_from(duplicate_pairs)
    .where(duplicate_pairs.c.import_id == imports.c.id)
    .scalar_subquery()
)
_IMPORTS: Select[Any] = select(
    imports,
    _PAIRS.label("pairs"),
    exists().where(duplicate_checks.c.import_id == imports.c.id).label("unchecked"),
)


def import_page(session: Session, limit: int, cursor: str | None, scope: str) -> Page:
    """All imports, newest first."""
    keys = [Key(imports.c.created_at, "desc"), Key(imports.c.id, "desc")]
    rows = keyset(session, _IMPORTS, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([_shown(row) for row in rows.rows], rows.next_cursor)


def import_(session: Session, import_id: str) -> Mapping[str, Any]:
    """One import; raises ImportNotFound."""
    row = session.execute(_IMPORTS.where(imports.c.id == import_id)).mappings().one_or_none()
    if row is None:
        raise ImportNotFound("There is no such import.")
    return _shown(row)


def skipped_page(session: Session, import_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """What the reversion of an import left as it is, in the order in which it was met."""
    import_(session, import_id)
    statement = select(reversion_skips).where(reversion_skips.c.import_id == import_id)
    rows = keyset(session, statement, [Key(reversion_skips.c.position)], cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def rejected_file(database: Database, import_id: str) -> Iterator[str]:
    """The refused rows as CSV, as the file had them, with `error_code`, `error_detail` and `line` at the end. Raises
    ImportNotFound, and ImportUnfinished while it runs."""
    with database.transaction() as session:
        shown = import_(session, import_id)
    if shown["state"] not in {"completed", "failed"}:
        raise ImportUnfinished("The import still runs; its refused rows are complete when it has finished.")
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


def _shown(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    shown = dict(row)
    shown["progress"] = {"done": row["done"], "total": row["total"]}
    shown["counts"] = {name: row[name] for name in _COUNTS}
    shown["possible_duplicates"] = row["possible_duplicates"] + row["pairs"]
    shown["duplicates_checked"] = row["state"] in {"completed", "failed"} and not row["unchecked"]
    shown["reversion"] = None
    if row["reversion"]:
        shown["reversion"] = {
            "state": row["reversion"],
            "dry_run": row["reversion_dry_run"],
            "reverted": row["reverted"],
            "skipped": row["reversion_skipped"],
        }
    shown["error"] = {"code": row["error_code"], "detail": row["error_detail"]} if row["error_code"] else None
    return shown
