"""One row of a file as values, or the reasons why it is refused. Knows nothing of what is stored."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from common.importing.files import Raw

Problem = tuple[str, str]

# An empty cell keeps what is stored, this one erases it.
CLEAR: Final = "@clear"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAK = re.compile(r"[\r\n\t]+ *")
_ESCAPED = re.compile(r"'[=+\-@]")
# `+49 (30) 1234-5` and `-12.5` are data; `+cmd|' /C calc'!A0` and `@SUM(A1)` are not.
_HARMLESS = re.compile(r"[+\-][\d\s()./x-]*")
_COMMAND = re.compile(r"[+\-].*[(|!]|@\w+\(", re.DOTALL)
# Only text that begins with one of these can be a formula, an escape or the word that clears.
_SPECIAL = frozenset("=+-@'")


class RowRefused(Exception):
    """The row does not fit what is stored."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.problem: Problem = (code, detail)


@dataclass(slots=True)
class Row:
    """A row that can be written as far as the file alone tells. `place` counts the rows of the file from 1; `cleared`
    are the fields that it erases; by its `keys` it is the same as an earlier row of the file."""

    place: int
    raw: Raw
    values: dict[str, Any]
    cleared: frozenset[str] = frozenset()
    keys: list[str] = field(default_factory=list)


class Reader:
    """Checks rows under one assignment of columns to fields. What a kind of row adds is in `check` and `row`."""

    def __init__(
        self,
        columns: Sequence[str],
        fields: Sequence[str | None],
        length_of: Callable[[str], int],
        clearable: Callable[[str], bool],
    ) -> None:
        self._plan = [
            (place, column, name, length_of(name))
            for place, (column, name) in enumerate(zip(columns, fields, strict=True))
            if name
        ]
        self._clearable = clearable

    def read(self, place: int, raw: Raw) -> Row | list[Problem]:
        """The row, or everything that is wrong with it."""
        if raw.problem:
            return [raw.problem]
        values: dict[str, Any] = {}
        cleared: list[str] = []
        problems: list[Problem] = []
        cells = raw.cells
        width = len(cells)
        for position, column, name, limit in self._plan:
            text = cells[position].strip() if position < width else ""
            if not text:
                continue
            if len(text) <= limit and text[0] not in _SPECIAL and "\ufffd" not in text and text.isprintable():
                values[name] = text
                continue
            if text == CLEAR:
                if self._clearable(name):
                    cleared.append(name)
                else:
                    problems.append(("clear", f"{column}: must have a value and cannot be cleared."))
                continue
            problem = _text_problem(text, column, limit)
            if problem:
                problems.append(problem)
                continue
            if text[0] == "'" and _ESCAPED.match(text):
                text = text[1:]
            values[name] = text if text.isprintable() else _BREAK.sub(" ", text)
        self.check(values, problems)
        return problems or self.row(place, raw, values, frozenset(cleared))

    def check(self, values: dict[str, Any], problems: list[Problem]) -> None:
        """Turns the text of the cells into values, in their place, and names what is wrong with them."""

    def row(self, place: int, raw: Raw, values: dict[str, Any], cleared: Collection[str]) -> Row:
        """A row without problems."""
        return Row(place, raw, values, frozenset(cleared))


def read_rows(reader: Reader, done: int, raws: Sequence[Raw]) -> list[tuple[Row, list[Problem]]]:
    """Each row with what is wrong with it; `done` rows came before."""
    rows: list[tuple[Row, list[Problem]]] = []
    for place, raw in enumerate(raws, start=done + 1):
        read = reader.read(place, raw)
        rows.append((read, []) if isinstance(read, Row) else (Row(place, raw, {}), read))
    return rows


def _text_problem(text: str, column: str, limit: int) -> Problem | None:
    if len(text) > limit:
        return "too_long", f"{column}: has {len(text)} characters; {limit} are allowed."
    if "\ufffd" in text:
        return "encoding", f"{column}: holds the sign for a character that was lost; correct the text."
    if text.isprintable():
        return _formula_problem(text, column)
    for letter in text:
        if "\udc80" <= letter <= "\udcff":
            return "encoding", f"{column}: holds the byte 0x{ord(letter) - 0xDC00:02X}, which is not UTF-8."
        if "\ud800" <= letter <= "\udfff":
            return "encoding", f"{column}: holds characters that cannot be read."
    if _CONTROL.search(text):
        return "control_character", f"{column}: holds a control character."
    return _formula_problem(text, column)


def _formula_problem(text: str, column: str) -> Problem | None:
    bare = text[1:] if text[0] == "'" else text
    if bare[:1] == "=" or (bare[:1] in ("+", "-", "@") and _COMMAND.match(bare) and not _HARMLESS.fullmatch(bare)):
        return "formula", f"{column}: begins like a formula of a spreadsheet; write it as plain text."
    return None
