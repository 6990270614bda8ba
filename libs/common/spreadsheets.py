"""Cells as spreadsheets read them, the same for every file that this product writes."""

import csv
import io
from collections.abc import Sequence

MARK = "\ufeff"  # at the beginning of a file, it makes spreadsheets read it as UTF-8

_STARTS_A_FORMULA = frozenset("=+-@\t\r")


def formula_safe(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; an import reads the apostrophe away again."""
    return f"'{cell}" if cell[:1] in _STARTS_A_FORMULA else cell


def csv_line(cells: Sequence[str]) -> str:
    """One line of CSV (RFC 4180) with its end, each cell formula-safe."""
    line = io.StringIO()
    csv.writer(line).writerow([formula_safe(cell) for cell in cells])
    return line.getvalue()
