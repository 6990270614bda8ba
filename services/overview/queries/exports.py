"""Customers as a file, made while it is sent: read in stretches, each a transaction of its own, so that neither the
time of a statement nor memory depends on how many there are."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import orjson
import xlsxwriter
from sqlalchemy.orm import Session

from common.clock import rfc3339
from common.db import Database, Scope
from common.paging import Direction
from common.spreadsheets import MARK, csv_line, formula_safe
from overview.domain.exports import SHEET_ROWS, cell, values_of
from overview.errors import SheetTooLong
from overview.queries.directory import Listing, listing
from overview.queries.selection import GROUP, NAMES, Selection, statement
from overview.queries.tags import with_tags

_AT_ONCE = 1_000
_CHUNK = 64 * 1024

Rows = Iterator[list[Any]]

_SHOWN = f"""
    {NAMES}, c.body AS customer, place.body AS address, main.body AS contact, parent.number AS parent_number,
    CAST(found.body AS json) ->> 'supply' AS supply, CAST(found.body AS json) ->> 'login' AS login
"""
_JOINS = f"""
    {GROUP}
    JOIN customers c ON c.id = CAST(found.customer_id AS uuid)
    LEFT JOIN customers parent ON parent.id = c.parent_id
    LEFT JOIN contacts main ON main.id = c.primary_contact_id AND main.customer_id = c.id AND NOT main.removed
    LEFT JOIN LATERAL (
        SELECT a.body FROM addresses a WHERE a.customer_id = c.id AND NOT a.removed ORDER BY a.rank, a.id LIMIT 1
    ) AS place ON true
"""  # noqa: S608  # our own names


def prepared(session: Session, selection: Selection, sort: tuple[str, Direction], file_format: str) -> Listing:
    """The customers to export, in their order. Raises SheetTooLong where a workbook cannot hold them in time."""
    found = listing(session, with_tags(session, selection), sort)
    if file_format == "xlsx":
        within = f"SELECT 1 FROM directory d WHERE {found.wanted.sql} LIMIT :most"  # noqa: S608  # our own names
        counted = f"SELECT count(*) FROM ({within}) AS counted"  # noqa: S608
        most = SHEET_ROWS + 1
        if session.execute(statement(counted), {**found.wanted.params, "most": most}).scalar_one() == most:
            raise SheetTooLong(
                f"A workbook takes {SHEET_ROWS:,} customers at most; choose CSV or NDJSON, or narrow the selection."
            )
    return found


def rows(database: Database, scope: Scope, found: Listing, columns: Sequence[str]) -> Rows:
    """The values of the columns, customer by customer."""
    after: list[Any] | None = None
    while True:
        sql, params = found.stretch(after, _AT_ONCE, _SHOWN, _JOINS)
        stretch = database.run(_read(sql, params), scope)
        for row in stretch:
            yield values_of(_parts(row), columns)
        if len(stretch) < _AT_ONCE:
            return
        last = stretch[-1]["sorted_by"]
        after = [last if last is None or isinstance(last, str) else rfc3339(last), stretch[-1]["customer_id"]]


def as_csv(columns: Sequence[str], values: Rows) -> Iterator[bytes]:
    """CSV (RFC 4180) in UTF-8 that spreadsheets open as it is, and run nothing of."""
    yield (MARK + csv_line(columns)).encode()
    yield from _in_pieces(csv_line([cell(value) for value in row]).encode() for row in values)


def as_ndjson(columns: Sequence[str], values: Rows) -> Iterator[bytes]:
    """One JSON object a line."""
    yield from _in_pieces(orjson.dumps(dict(zip(columns, row, strict=True))) + b"\n" for row in values)


def as_xlsx(columns: Sequence[str], values: Rows) -> Iterator[bytes]:
    """A workbook, written to a temporary file row by row."""
    with tempfile.TemporaryFile() as file:
        _write_sheet(file, columns, values)
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield piece


WRITERS: dict[str, tuple[str, Callable[[Sequence[str], Rows], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "ndjson": ("application/x-ndjson", as_ndjson),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}


def _write_sheet(file: IO[bytes], columns: Sequence[str], values: Rows) -> None:
    # Text only: nothing is taken for a formula, a number or an address of the web.
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet("Customers")
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name)
    for place, row in enumerate(values, start=1):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write_string(place, column, formula_safe(cell(value)))
    book.close()


def _in_pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _read(sql: str, params: dict[str, Any]) -> Callable[[Session], Sequence[Any]]:
    return lambda session: session.execute(statement(sql), params).mappings().all()


def _parts(row: Any) -> dict[str, Any]:
    return {
        "customer": orjson.loads(row["customer"]),
        "address": orjson.loads(row["address"] or "{}"),
        "contact": orjson.loads(row["contact"] or "{}"),
        "parent_number": row["parent_number"],
        "group": row["group_name"],
        "tags": row["tags"] or [],
        "supply": row["supply"],
        "login": row["login"],
    }
