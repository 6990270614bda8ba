"""One row of a file as checked values, or the reasons why it is refused. Knows nothing of what is stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from customer.domain.limits import LIFECYCLES
from customer.domain.numbers import Numbering
from customer.use_cases.countries import code_of
from customer.use_cases.imports.fields import ADDRESS_FIELDS, CLEAR, CLEARABLE, CONTACT_FIELDS_ALL, is_custom, length_of
from customer.use_cases.imports.files import Raw

Problem = tuple[str, str]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAK = re.compile(r"[\r\n\t]+ *")
_ESCAPED = re.compile(r"'[=+\-@]")
# `+49 (30) 1234-5` and `-12.5` are data; `+cmd|' /C calc'!A0` and `@SUM(A1)` are not.
_HARMLESS = re.compile(r"[+\-][\d\s()./x-]*")
_COMMAND = re.compile(r"[+\-].*[(|!]|@\w+\(", re.DOTALL)
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]{1,64}@[^@\s<>\"',;:\\]+\.[^@\s<>\"',;:\\.]{2,}")
_KINDS = {
    "business": "business",
    "company": "business",
    "organisation": "business",
    "organization": "business",
    "b2b": "business",
    "firm": "business",
    "person": "person",
    "individual": "person",
    "private": "person",
    "b2c": "person",
}
DEFAULT_SYSTEM = "import"
# Only text that begins with one of these can be a formula, an escape or the word that clears.
_SPECIAL = frozenset("=+-@'")


@dataclass(slots=True)
class Row:
    """A row that can be written as far as the file alone tells. `place` counts the rows of the file from 1; `cleared`
    are the fields that it erases."""

    place: int
    raw: Raw
    values: dict[str, str]
    cleared: frozenset[str] = frozenset()
    has_address: bool = False
    has_contact: bool = False
    keys: list[str] = field(default_factory=list)

    @property
    def tags(self) -> list[str]:
        """The names of tags that the row puts on its customer: separated by semicolons or bars."""
        return [name.strip() for name in re.split(r"[;|]", self.values.get("tags", "")) if name.strip()]

    @property
    def external_id(self) -> tuple[str, str] | None:
        """System and id, where the row has one."""
        external = self.values.get("external_id")
        return (self.values.get("external_system", DEFAULT_SYSTEM), external) if external else None


class Reader:
    """Checks rows under one assignment of columns to fields."""

    def __init__(
        self,
        columns: Sequence[str],
        fields: Sequence[str | None],
        numbering: Numbering,
        *,
        name_required: bool = False,
        of: str = "customers",
    ) -> None:
        self._plan = [
            (place, column, name, length_of(name))
            for place, (column, name) in enumerate(zip(columns, fields, strict=True))
            if name
        ]
        self._numbering = numbering
        self._name_required = name_required and "name" in fields
        self._of = of

    def read(self, place: int, raw: Raw) -> Row | list[Problem]:
        """The row, or everything that is wrong with it."""
        if raw.problem:
            return [raw.problem]
        values: dict[str, str] = {}
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
                if name in CLEARABLE or is_custom(name):
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
        self._check_values(values, problems)
        if problems:
            return problems
        row = Row(place, raw, values, frozenset(cleared))
        row.has_address = any(name in values for name in ADDRESS_FIELDS)
        row.has_contact = any(name in values for name in CONTACT_FIELDS_ALL)
        row.keys = _keys(row, self._of)
        return row

    def _check_values(self, values: dict[str, str], problems: list[Problem]) -> None:
        if self._name_required and "name" not in values and not problems:
            problems.append(("missing", "The name of the customer is missing."))
        number = values.get("number")
        if number and not self._numbering.accepts(number):
            problems.append(("number_pattern", f"The number {number} must match {self._numbering.pattern}."))
        country = values.get("country")
        if country:
            code = code_of(country)
            if code is None:
                problems.append(("country", f"{country} is no country that is known; write its ISO code, as in DE."))
            else:
                values["country"] = code
        email = values.get("contact_email")
        if email and not _EMAIL.fullmatch(email):
            problems.append(("email", f"{email} is not an e-mail address."))
        lifecycle = values.get("lifecycle")
        if lifecycle:
            values["lifecycle"] = lifecycle.casefold()
            if values["lifecycle"] not in LIFECYCLES:
                problems.append(("lifecycle", f"{lifecycle} is unknown; write {' or '.join(LIFECYCLES)}."))
        kind = values.get("kind")
        if kind:
            if kind.casefold() not in _KINDS:
                problems.append(("kind", f"{kind} is not a kind of customer; write business or person."))
            else:
                values["kind"] = _KINDS[kind.casefold()]


def _keys(row: Row, of: str) -> list[str]:
    """By what a row is the same as an earlier one of the file."""
    keys = [f"number:{row.values['number']}"] if "number" in row.values else []
    if row.external_id:
        keys.append("external:{}:{}".format(*row.external_id))
    if of == "customers":
        return keys
    person = row.values.get("contact_name") or row.values.get("contact_email", "")
    return [f"{key} contact:{person.casefold()}" for key in keys]


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
