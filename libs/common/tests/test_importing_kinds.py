"""Rows that a schema describes: what is understood, and what each damaged cell is refused for."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import fields
from sqlalchemy.orm import Session

from common.errors import Conflict, Invalid, NotFound, Refusal, TooLarge
from common.importing.accept import start_import
from common.importing.cells import amount, day, share, whole
from common.importing.declared import Decision, DeclaredKind, check_mode, decide_each
from common.importing.files import FileUnreadable, Raw, open_table
from common.importing.headings import assign
from common.importing.kinds import Options, Outcome, Refusals, importing
from common.importing.rows import Row, RowRefused, read_rows
from common.schemas import Schema, Text


class ShelfRow(Schema):
    code = Text(max=5, required=True, metadata={"headings": "shelf shelf_no"})
    floor = whole(0, 9)
    label = Text(max=20, required=True, metadata={"clearable": True})
    since = day()
    price = amount()
    part = share()
    kind = fields.String()


class Shelves(DeclaredKind):
    name = "shelves"
    permission = "shelves.edit"
    schema = ShelfRow
    identity = ("code",)
    also = ("floor",)
    defaults = MappingProxyType({"floor": 1})
    matches = ("code",)

    def apply(self, session: Session, rows: Sequence[Row], options: Options) -> Outcome:
        raise AssertionError("only how rows are read is tried here")


SHELVES = Shelves()


def options(mode: str = "upsert") -> Options:
    return Options("i", "shelves", mode, "code", dry_run=False)


def read(columns: str, *cells: str) -> Row | list[tuple[str, str]]:
    names = columns.split(",")
    return SHELVES.reader(names, assign(names, {}, SHELVES.field_of), options()).read(1, Raw(2, list(cells)))


def test_columns_are_recognised_by_field_and_by_the_headings_of_its_schema() -> None:
    assert assign(["Shelf No.", "Floor", "shelf", "x"], {}, SHELVES.field_of) == ["code", "floor", None, None]
    assert SHELVES.fields == ("code", "floor", "label", "since", "price", "part", "kind")


def test_cells_become_values_of_their_kind_and_empty_ones_are_left_out() -> None:
    row = read("code,floor,label,since,price,part", "A1", "3.0", "", "2026-03-31 00:00:00", "12.30", "15%")
    assert isinstance(row, Row)
    assert row.values == {
        "code": "A1", "floor": 3, "since": date(2026, 3, 31), "price": "12.30", "part": Decimal("0.15"),
    }  # fmt: skip


def test_what_makes_a_row_is_the_same_with_a_default_as_with_its_value() -> None:
    plain, given_one, other = (read("code,floor", "A1", floor) for floor in ("", "1", "2"))
    assert isinstance(plain, Row)
    assert isinstance(given_one, Row)
    assert isinstance(other, Row)
    assert plain.keys == given_one.keys != other.keys


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("floor", "10"),
        ("floor", "1.5"),
        ("floor", "1_0"),
        ("floor", "NaN"),
        ("since", "31.3.2026"),
        ("since", "2026-03-31 12:30:00"),
        ("since", "2026-02-30"),
        ("price", "12,30"),
        ("price", "-1"),
        ("price", "Infinity"),
        ("part", "1.01"),
        ("part", "-5%"),
        ("part", "some"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_under_the_name_of_its_field(field: str, cell: str) -> None:
    problems = read(f"code,{field}", "A1", cell)
    assert isinstance(problems, list)
    [(code, detail)] = problems
    assert (code, detail.startswith(f"{field}: ")) == (field, True)


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (("", "x"), ["missing"]),
        (("TOOLONG", "x"), ["too_long"]),
        (("=1+1", "@clear"), ["formula"]),
        (("@clear", "x"), ["clear"]),
        (("=1+1", "x" * 21), ["formula", "too_long"]),
    ],
)
def test_every_problem_of_a_row_is_named(cells: tuple[str, str], codes: list[str]) -> None:
    problems = read("code,label", *cells)
    assert isinstance(problems, list)
    assert [code for code, _detail in problems] == codes


def test_only_what_may_be_empty_is_cleared() -> None:
    row = read("code,label", "A1", "@clear")
    assert isinstance(row, Row)
    assert row.cleared == {"label"}


def test_a_file_lacks_what_its_rows_are_known_by_and_to_create_also_what_new_ones_need() -> None:
    assert SHELVES.lacking(["label"], options()) == "code"
    assert SHELVES.lacking(["code"], options("update")) == ""
    assert SHELVES.lacking(["code"], options("create")) == "label"


def test_each_row_is_decided_and_a_refused_one_costs_no_other() -> None:
    class Full(Refusal):
        code = "shelves.full"

    def decide(row: Row) -> Decision:
        if row.place == 2:
            raise RowRefused("exists", "There already.")
        if row.place == 3:
            raise Full("No room.")
        return "created" if row.place == 1 else "unchanged"

    outcome = decide_each([Row(place, Raw(place, []), {}) for place in range(1, 6)], decide)
    assert (outcome.created, outcome.updated, outcome.unchanged) == (1, 0, 2)
    assert [(row.place, problems) for row, problems in outcome.refused] == [
        (2, [("exists", "There already.")]),
        (3, [("full", "No room.")]),
    ]


@pytest.mark.parametrize(("mode", "stored", "code"), [("create", True, "exists"), ("update", False, "not_found")])
def test_a_mode_refuses_what_it_does_not_allow(mode: str, stored: bool, code: str) -> None:
    check_mode(options("upsert"), "Shelf A1", stored=stored)
    check_mode(options(mode), "Shelf A1", stored=not stored)
    with pytest.raises(RowRefused, match="helf A1") as refused:
        check_mode(options(mode), "Shelf A1", stored=stored)
    assert refused.value.problem[0] == code


@pytest.mark.parametrize(
    ("given_options", "pointer"),
    [
        ({"match": "label"}, "/match"),
        ({"mapping": "{"}, "/mapping"),
        ({"mapping": "[]"}, "/mapping"),
        ({"mapping": '{"A": "colour"}'}, "/mapping"),
        ({"mapping": '{"A": "code", "B": "code"}'}, "/mapping"),
    ],
)
def test_options_that_do_not_fit_are_refused_before_anything_is_stored(
    given_options: dict[str, Any], pointer: str
) -> None:
    shelves = importing([SHELVES], Refusals(Invalid, TooLarge, NotFound, Conflict))
    asked = {"type": "shelves", "mode": "upsert", "dry_run": False} | given_options
    with pytest.raises(Invalid) as refused:
        start_import(
            None,  # type: ignore[arg-type]  # nothing is asked of it
            shelves,
            io.BytesIO(b"code\n"),
            "a.csv",
            asked,
            requested_by="a",
            label="A",
            max_bytes=100,
        )
    assert [error.pointer for error in refused.value.errors] == [pointer]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        opened = open_table(io.BytesIO(b"code,floor,label,since,price,part\n" + body))
        raws = list(opened.rows)
    except FileUnreadable:
        return
    reader = SHELVES.reader(opened.columns, assign(opened.columns, {}, SHELVES.field_of), options())
    assert len(read_rows(reader, 0, raws)) == len(raws)
