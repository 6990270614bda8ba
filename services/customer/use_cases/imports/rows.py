"""One row of customers or contacts as checked values, or the reasons why it is refused. Knows nothing of what is
stored."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from common.importing import rows
from common.importing.files import Raw
from common.importing.rows import Problem
from customer.domain.limits import LIFECYCLES
from customer.domain.numbers import Numbering
from customer.use_cases.countries import code_of
from customer.use_cases.imports.fields import ADDRESS_FIELDS, CONTACT_FIELDS_ALL, clearable, length_of

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


@dataclass(slots=True)
class Row(rows.Row):
    """A row that names a customer, and brings or changes one contact and one address of it."""

    has_address: bool = False
    has_contact: bool = False

    @property
    def tags(self) -> list[str]:
        """The names of tags that the row puts on its customer: separated by semicolons or bars."""
        return [name.strip() for name in re.split(r"[;|]", self.values.get("tags", "")) if name.strip()]

    @property
    def external_id(self) -> tuple[str, str] | None:
        """System and id, where the row has one."""
        external = self.values.get("external_id")
        return (self.values.get("external_system", DEFAULT_SYSTEM), external) if external else None


class Reader(rows.Reader):
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
        super().__init__(columns, fields, length_of, clearable)
        self._numbering = numbering
        self._name_required = name_required and "name" in fields
        self._of = of

    def row(self, place: int, raw: Raw, values: dict[str, Any], cleared: Collection[str]) -> Row:
        row = Row(place, raw, values, frozenset(cleared))
        row.has_address = any(name in values for name in ADDRESS_FIELDS)
        row.has_contact = any(name in values for name in CONTACT_FIELDS_ALL)
        row.keys = _keys(row, self._of)
        return row

    def check(self, values: dict[str, Any], problems: list[Problem]) -> None:
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
