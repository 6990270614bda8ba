"""The custom fields of the customers in one chunk of rows: read once, decided row by row, claimed at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from common.ids import is_id
from common.importing.kinds import Interfered
from common.importing.rows import RowRefused
from customer.domain.changes import Change
from customer.domain.fields import records
from customer.domain.fields.cells import value_of
from customer.domain.fields.records import applies
from customer.domain.fields.values import Wrong, read
from customer.errors.custom_fields import ValuesInvalid, ValueTaken
from customer.queries.custom_fields import fields_of
from customer.use_cases import field_values
from customer.use_cases.field_checks import CHECKS
from customer.use_cases.field_values import Claim
from customer.use_cases.imports.fields import CUSTOM
from customer.use_cases.imports.rows import Row
from customer.use_cases.store import Record


@contextmanager
def _as_row() -> Iterator[None]:
    """Says of each field what is wrong with it: a row has no JSON pointers."""
    try:
        yield
    except ValuesInvalid as invalid:
        told = "; ".join(f"{CUSTOM}{error.pointer.removeprefix('/')}: {error.detail}" for error in invalid.errors)
        raise RowRefused("custom_fields_invalid", told[:1000]) from invalid


class CustomFields:
    """What the columns `cf.<key>` of a chunk write."""

    def __init__(self, session: Session, rows: Sequence[Row]) -> None:
        self._session = session
        self._fields = fields_of(session, "customer")
        keys = {name.removeprefix(CUSTOM) for row in rows for name in row.values if name.startswith(CUSTOM)}
        named = {key: field for key, field in self._fields.items() if key in keys}
        self._names = self._referred(named, rows)
        self._unique = {key: field for key, field in self._fields.items() if field.get("unique")}
        self._taken = self._claimed(rows) if self._unique.keys() & keys else {}
        self._new: list[Record] = []
        self._changed: list[tuple[str | None, Record, Record]] = []

    def start(self, row: Row, customer: Record) -> None:
        """Sets the custom fields of a new customer. Raises RowRefused and ValueTaken."""
        if not self._fields and not any(name.startswith(CUSTOM) for name in row.values):
            return
        given, suits = self._given(row), partial(applies, customer=customer)
        with _as_row():
            merged = records.start(self._fields, given, CHECKS, pointer="", suits=suits)
        self._take(customer, merged.values)
        customer["custom_fields"] = merged.values
        self._new.append(customer)

    def merge(self, row: Row, before: Record, after: Record) -> list[Change]:
        """Sets the custom fields of a customer that is there as the row fills or clears them. Returns what
        changed. Raises RowRefused and ValueTaken."""
        given = self._given(row)
        if not given:
            return []
        kept = records.brought_up(self._fields, before["custom_fields"])
        suits = partial(applies, customer=after)
        with _as_row():
            merged = records.merge(self._fields, kept, given, CHECKS, pointer="", suits=suits)
        if merged.values == kept:
            return []
        self._take(before, merged.values)
        after["custom_fields"] = merged.values
        self._changed.append((before["id"], before, after))
        return records.changes(self._fields, kept, merged.values, self._names)

    def store(self) -> None:
        """Numbers the new customers and claims what is unique; raises Interfered where somebody was faster. The events
        that were drafted hold the same dicts, so they hold the numbers too."""
        try:
            field_values.settle(self._session, self._fields, [(customer, customer) for customer in self._new])
            field_values.claim_changed(self._session, self._unique, self._changed)
        except ValueTaken as taken:
            raise Interfered from taken

    def _given(self, row: Row) -> dict[str, Any]:
        given: dict[str, Any] = {name.removeprefix(CUSTOM): None for name in row.cleared if name.startswith(CUSTOM)}
        for name, cell in row.values.items():
            if not name.startswith(CUSTOM):
                continue
            key = name.removeprefix(CUSTOM)
            field = self._fields.get(key)
            try:
                given[key] = value_of(field, cell) if field else cell
            except Wrong as wrong:
                raise RowRefused("custom_fields_invalid", f"{name}: {wrong}") from None
            if field and field["type"] == "reference" and str(given[key]).lower() not in self._names:
                raise RowRefused("custom_fields_invalid", f"{name}: there is no {field['to']} with this id.")
        return given

    def _referred(self, named: dict[str, Record], rows: Sequence[Row]) -> dict[str, str]:
        references = [f"{CUSTOM}{key}" for key, field in named.items() if field["type"] == "reference"]
        ids = {row.values[name].lower() for row in rows for name in references if name in row.values}
        return field_values.names_of(self._session, {one for one in ids if is_id(one)})

    def _claimed(self, rows: Sequence[Row]) -> dict[Claim, str]:
        wanted: list[Claim] = []
        for row in rows:
            for key, field in self._unique.items():
                cell = row.values.get(f"{CUSTOM}{key}")
                # What does not fit is refused with its row.
                with suppress(Wrong):
                    if cell is not None:
                        value = read(field, value_of(field, cell), CHECKS)
                        wanted += field_values.claims({key: field}, {key: value})
        return field_values.holders(self._session, wanted)

    def _take(self, customer: Record, values: dict[str, Any]) -> None:
        claims = field_values.claims(self._unique, values)
        for claim in claims:
            if self._taken.get(claim, customer["id"]) != customer["id"]:
                label = next(field["label"] for field in self._unique.values() if field["id"] == claim[0])
                raise ValueTaken(f"Another record has the same {label}, which must be unique.")
        self._taken |= dict.fromkeys(claims, str(customer["id"]))
