"""Rows of customers: what is understood, and what each damaged row is refused for."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.importing.files import FileUnreadable, Raw, open_table
from common.importing.headings import assign
from customer.domain.numbers import Numbering
from customer.use_cases.countries import code_of
from customer.use_cases.imports.fields import FIELDS, field_of, length_of
from customer.use_cases.imports.rows import Reader, Row

TRADING = "customer_id,company_name,contact_name,contact_title,address,city,region,postal_code,country,phone,fax"


def read(
    *cells: str, columns: str = "number,name,country,contact_email,kind", line: int = 2
) -> Row | list[tuple[str, str]]:
    names = columns.split(",")
    return Reader(names, assign(names, {}, field_of), Numbering(r"[A-Z0-9-]+", "{}")).read(1, Raw(line, list(cells)))


def test_the_headings_of_trading_records_are_understood() -> None:
    assert assign(TRADING.split(","), {}, field_of) == [
        "number", "name", "contact_name", "contact_title", "line1", "city", "region", "postal_code", "country",
        "contact_phone", "contact_fax",
    ]  # fmt: skip


def test_every_field_is_recognised_by_its_own_name_and_has_a_length() -> None:
    assert [field_of(field) for field in FIELDS] == list(FIELDS)
    assert all(length_of(field) > 0 for field in FIELDS)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Straße", "line1"),
        (" Customer No. ", "number"),
        ("E-Mail", "contact_email"),
        ("PLZ", "postal_code"),
        ("x", None),
    ],
)
def test_headings_are_recognised_in_many_spellings(heading: str, field: str | None) -> None:
    assert field_of(heading) == field


def test_the_leftmost_column_wins_and_a_mapping_wins_over_all() -> None:
    assert assign(["name", "company"], {}, field_of) == ["name", None]
    assert assign(["name", "company"], {"company": "name"}, field_of) == [None, "name"]
    assert assign(["name", "company"], {"name": None}, field_of) == [None, "name"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("Germany", "DE"),
        ("UK", "GB"),
        ("USA", "US"),
        ("méxico", "MX"),
        ("Venezuela", "VE"),
        ("de", "DE"),
        ("Nowhere", None),
    ],
)
def test_countries_are_known_by_name_and_code(given: str, code: str | None) -> None:
    assert code_of(given) == code


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("1", "x" * 201), "too_long"),
        (("1", "=1+1"), "formula"),
        (("1", "'=1+1"), "formula"),
        (("1", "+cmd|' /C calc'!A0"), "formula"),
        (("1", "@SUM(A1:A9)"), "formula"),
        (("1", "-2+cmd|x"), "formula"),
        (("1", "a\x07b"), "control_character"),
        (("1", "Caf\udce9"), "encoding"),
        (("1", "\ufffd lost"), "encoding"),
        (("a b", "A"), "number_pattern"),
        (("1", "A", "Atlantis"), "country"),
        (("1", "A", "", "nobody"), "email"),
        (("1", "A", "", "", "robot"), "kind"),
    ],
)
def test_a_damaged_cell_is_refused_with_its_reason(cells: tuple[str, ...], code: str) -> None:
    problems = read(*cells)
    assert isinstance(problems, list)
    assert [problem[0] for problem in problems] == [code]


@pytest.mark.parametrize("name", ["+49 (431) 123-4", "-", "@Home", "3M", "Ünal & Söhne", "B's Beverages", "- none -"])
def test_harmless_text_is_no_formula(name: str) -> None:
    row = read("1", name)
    assert isinstance(row, Row)
    assert row.values["name"] == name


def test_every_problem_of_a_row_is_named() -> None:
    problems = read("a b", "=x", "Atlantis")
    assert isinstance(problems, list)
    assert [problem[0] for problem in problems] == ["formula", "number_pattern", "country"]


def test_line_breaks_in_a_cell_become_spaces() -> None:
    row = read("1", "Two\r\nlines")
    assert isinstance(row, Row)
    assert row.values["name"] == "Two lines"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        opened = open_table(io.BytesIO(b"number,name\n" + body))
    except FileUnreadable:
        return
    reader = Reader(opened.columns, assign(opened.columns, {}, field_of), Numbering())
    for place, raw in enumerate(opened.rows):
        reader.read(place, raw)
