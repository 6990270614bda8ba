"""Reading an XLSX workbook row by row: the first sheet, its first filled row as headings."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

# A workbook is compressed; this bounds what a small file may unfold to.
MAX_UNFOLDED = 2_000_000_000
MAX_SHARED_TEXT = 300_000_000


def open_workbook(file: IO[bytes]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The headings, and the rows as line number and cells. Raises ValueError where it is no workbook or too large."""
    try:
        _refuse_bombs(file)
        # Formulas stay formulas, so that they can be refused instead of being read as their last result.
        book = load_workbook(file, read_only=True, data_only=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError) as error:
        raise ValueError("The file is a ZIP archive but no XLSX workbook.") from error
    rows = _rows(book)
    for _line, values in rows:
        headings = [_text(value).strip() for value in values]
        if any(headings):
            while not headings[-1]:
                headings.pop()
            return headings, _filled(rows, len(headings))
    raise ValueError("The first sheet of the workbook has no row with headings.")


def _rows(book: Any) -> Iterator[tuple[int, Any]]:
    try:
        yield from enumerate(book.worksheets[0].iter_rows(values_only=True), start=1)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, SyntaxError, IndexError) as error:
        # SyntaxError is the base of what the XML parser raises.
        raise ValueError("The workbook is damaged and cannot be read to its end.") from error


def _filled(rows: Iterator[tuple[int, Any]], width: int) -> Iterator[tuple[int, list[str]]]:
    for line, values in rows:
        cells = [_text(value) for value in values[:width]]
        if any(cell.strip() for cell in cells):
            yield line, cells


def _refuse_bombs(file: IO[bytes]) -> None:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MAX_UNFOLDED:
            raise ValueError("The workbook unfolds to more than 2 GB; split it, or send CSV.")
        if any(m.filename.endswith("sharedStrings.xml") and m.file_size > MAX_SHARED_TEXT for m in members):
            raise ValueError("The workbook holds more text than can be read at once; split it, or send CSV.")
    file.seek(0)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
