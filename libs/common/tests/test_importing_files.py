"""Reading files row by row, whatever their kind."""

import io

import pytest

from common.importing.files import FileUnreadable, Raw, open_table


def table(body: bytes) -> tuple[list[str], list[Raw]]:
    opened = open_table(io.BytesIO(body))
    rows = list(opened.rows)
    return opened.columns, rows


def test_rows_know_the_line_where_they_begin() -> None:
    columns, rows = table(b'\n a , b \n1,"two\nlines"\n\n3,4\n')
    assert columns == ["a", "b"]
    assert [(row.line, row.cells) for row in rows] == [(3, ["1", "two\nlines"]), (6, ["3", "4"])]


def test_a_bad_byte_spoils_its_own_cell_only() -> None:
    _, rows = table(b"a,b\ncaf\xe9,1\ncaf\xc3\xa9,2\n")
    assert [row.cells[0] for row in rows] == ["caf\udce9", "caf\u00e9"]


def test_a_row_with_too_many_cells_is_refused_and_a_short_one_is_filled_with_nothing() -> None:
    _, rows = table(b"a,b\n1,2,3\n1\n1,2,,\n")
    assert [row.problem[0] if row.problem else None for row in rows] == ["too_many_cells", None, None]


def test_lines_that_are_not_json_objects_are_refused_one_by_one() -> None:
    columns, rows = table(b'{"a": 1}\nnonsense\n[1]\n{"b": {"c": 1}}\n{"b": null, "a": true}\n')
    assert columns == ["a", "b"]
    assert [row.problem[0] if row.problem else row.cells for row in rows] == [
        ["1"], "unreadable", "unreadable", "nested", ["true", ""],
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"\n \n", b"PK\x03\x04broken"])
def test_a_file_without_rows_to_read_says_so(body: bytes) -> None:
    with pytest.raises(FileUnreadable):
        open_table(io.BytesIO(body))
