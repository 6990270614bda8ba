"""Reading an uploaded file row by row, whatever its kind; nothing is held in memory but the row at hand."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import orjson

from common.importing.workbook import open_workbook

DELIMITERS = ",;\t|"
MAX_COLUMNS = 500
_SAMPLE_LINES = 20


class FileUnreadable(Exception):
    """The whole file cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as it stands in the file: where it begins, its cells, and what is wrong with it as a whole."""

    line: int
    cells: list[str]
    problem: tuple[str, str] | None = None


@dataclass(slots=True)
class Table:
    """A file's headings and rows. The headings of NDJSON grow while its rows are read."""

    columns: list[str]
    rows: Iterator[Raw] = field(repr=False)


def open_table(file: IO[bytes]) -> Table:
    """Recognises XLSX, NDJSON and CSV by their content; raises FileUnreadable."""
    start = file.read(4096)
    file.seek(0)
    if not start:
        raise FileUnreadable("The file is empty.")
    if start.startswith(b"PK\x03\x04"):
        return _xlsx(file)
    if start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return _ndjson(file)
    return _csv(file, start)


def _xlsx(file: IO[bytes]) -> Table:
    try:
        columns, rows = open_workbook(file)
    except ValueError as error:
        raise FileUnreadable(str(error)) from error

    def read() -> Iterator[Raw]:
        try:
            yield from (Raw(line, cells) for line, cells in rows)
        except ValueError as error:
            raise FileUnreadable(str(error)) from error

    return Table(columns, read())


def _csv(file: IO[bytes], start: bytes) -> Table:
    encoding = "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    # A byte that is not UTF-8 becomes half a surrogate pair, and only its own row is refused for it.
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    delimiter = _delimiter(text)
    text.seek(0)
    reader = csv.reader(text, delimiter=delimiter)
    columns = _headings(reader)
    return Table(columns, _csv_rows(reader, len(columns)))


def _delimiter(text: IO[str]) -> str:
    lines = [line for line in (text.readline() for _ in range(_SAMPLE_LINES)) if line.strip()]
    best, most = ",", 0
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        # The delimiter that gives many columns, and the same number of them in most rows.
        score = widths[0] * widths.count(widths[0]) if widths and widths[0] > 1 else 0
        if score > most:
            best, most = delimiter, score
    return best


def _headings(reader: Any) -> list[str]:
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                return [cell.strip() for cell in row]
    except csv.Error as error:
        raise FileUnreadable(f"The first line cannot be read as CSV: {error}.") from error
    raise FileUnreadable("The file has no line with headings.")


def _csv_rows(reader: Any, width: int) -> Iterator[Raw]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Raw(line, [], ("unreadable", f"Lines {line} to {reader.line_num} cannot be read as CSV: {error}."))
            continue
        if len(cells) > width and any(cells[width:]):
            detail = f"The row has {len(cells)} cells under {width} headings; is a quotation mark missing?"
            yield Raw(line, cells, ("too_many_cells", detail))
        elif any(cells) and any(cell.strip() for cell in cells):
            yield Raw(line, cells[:width])


def _ndjson(file: IO[bytes]) -> Table:
    columns: list[str] = []
    return Table(columns, _ndjson_rows(file, columns))


def _ndjson_rows(file: IO[bytes], columns: list[str]) -> Iterator[Raw]:
    places: dict[str, int] = {}
    for line, raw in enumerate(file, start=1):
        body = raw.removeprefix(codecs.BOM_UTF8).strip()
        if not body:
            continue
        try:
            row = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            shown = body[:1000].decode(errors="replace")
            yield Raw(line, [shown], ("unreadable", f"The line is not JSON: {error.msg}."))
            continue
        if not isinstance(row, dict):
            yield Raw(line, [body[:1000].decode(errors="replace")], ("unreadable", "The line is not a JSON object."))
            continue
        yield _json_row(line, row, places, columns)


def _json_row(line: int, row: dict[str, Any], places: dict[str, int], columns: list[str]) -> Raw:
    for name in row:
        if name not in places:
            if len(columns) >= MAX_COLUMNS:
                return Raw(line, [], ("too_many_cells", f"The file has more than {MAX_COLUMNS} different names."))
            places[name] = len(columns)
            columns.append(name)
    cells = [""] * len(columns)
    problem = None
    for name, value in row.items():
        cells[places[name]] = as_text(value)
        if isinstance(value, dict | list):
            problem = ("nested", f"{name}: must be text or a number, not a list or an object.")
    return Raw(line, cells, problem)


def as_text(value: Any) -> str:
    """A JSON value as the cell of a table holds it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
