"""The rules of files and documents, without a database."""

import io
import unicodedata
import zipfile
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.spreadsheets import csv_line, formula_safe
from customer.domain.archives import MAX_ENTRIES, MAX_UNPACKED, Directory, Entry, NoArchive, bomb, danger, directory
from customer.domain.endings import threshold
from customer.domain.file_types import ALLOWED, OCTETS, OLE, PLAIN, TYPES, is_allowed, said_by, settled
from customer.domain.files import (
    CATEGORIES,
    NAME_LENGTH,
    NameRefused,
    document_state,
    file_name,
)

TODAY = date(2026, 3, 2)


@given(st.text(max_size=NAME_LENGTH + 20))
def test_a_name_that_is_kept_is_never_part_of_a_path(given_name: str) -> None:
    try:
        kept = file_name(given_name)
    except NameRefused:
        return
    assert not set(kept) & {"/", "\\", "\x00", "\n"}
    assert kept.strip(". ")
    assert not kept.startswith("..")
    assert len(kept) <= NAME_LENGTH
    assert file_name(kept) == kept


def test_a_name_is_kept_in_one_spelling() -> None:
    apart = unicodedata.normalize("NFD", "Größe.pdf")
    assert file_name(f" {apart} ") == "Größe.pdf"


def test_every_category_has_its_types() -> None:
    assert set(ALLOWED) == set(CATEGORIES)
    assert is_allowed("backup", OCTETS)
    assert not is_allowed("photo", "application/pdf")


@pytest.mark.parametrize(
    ("name", "announced", "said"),
    [
        ("a.pdf", "image/png", "application/pdf"),
        ("a.PDF", None, "application/pdf"),
        ("a.tar.gz", None, "application/gzip"),
        ("README", "text/plain; charset=utf-8", "text/plain"),
        ("README", "application/octet-stream", None),
        (".pdf", None, None),
        ("a.unknown", None, None),
    ],
)
def test_a_file_says_its_type_by_its_name_first(name: str, announced: str | None, said: str | None) -> None:
    assert said_by(name, announced) == said


def test_a_name_may_say_more_than_the_content_and_nothing_else() -> None:
    assert settled("text/csv", PLAIN) == "text/csv"
    assert settled("application/msword", OLE) == "application/msword"
    assert settled(None, OCTETS) == OCTETS
    for said in set(TYPES.values()) - {OCTETS}:
        assert settled(said, OCTETS) is None, said
    assert settled("application/pdf", PLAIN) is None


@given(
    st.dictionaries(st.text("abü./", min_size=1, max_size=20), st.binary(max_size=200), max_size=5),
    st.binary(max_size=50),
)
def test_the_end_of_any_archive_is_found(entries: dict[str, bytes], comment: bytes) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        # A comment may hold anything but another end.
        archive.comment = comment.replace(b"PK\x05\x06", b"")
    size = made.tell()
    found = directory(made, size)
    assert found.entries == len(entries)
    if entries:
        assert danger(found) is None


@given(st.binary(max_size=300))
def test_what_is_no_archive_is_told_and_never_crashes(content: bytes) -> None:
    try:
        directory(io.BytesIO(content), len(content))
    except NoArchive:
        return
    assert b"PK\x05\x06" in content


def test_bombs_are_known_by_their_headers() -> None:
    assert danger(Directory(MAX_ENTRIES + 1, 10)) is not None
    assert danger(Directory(10, 100_000_000)) is not None
    assert "unpacks to" in str(bomb([Entry(0, 100, MAX_UNPACKED + 1)], 1000))
    assert "times its size" in str(bomb([Entry(0, 1_000, 20_000_000)], 2_000))
    assert "overlap" in str(bomb([Entry(0, 500, 500), Entry(100, 500, 500)], 2_000))
    assert "overlap" in str(bomb([Entry(0, 5_000, 500)], 2_000))
    # A small text packs well, and a large one of the usual ratio is no bomb either.
    assert bomb([Entry(0, 100, 9_000_000)], 300) is None
    assert bomb([Entry(0, 10_000_000, 90_000_000)], 10_000_100) is None


@pytest.mark.parametrize(
    ("left", "reminded", "due"),
    [
        (61, None, None),
        (60, None, 60),
        (31, 60, None),
        (30, 60, 30),
        (7, 30, 7),
        (0, 7, None),
        (3, None, 7),
        (-1, None, None),
    ],
)
def test_each_threshold_is_said_once(left: int, reminded: int | None, due: int | None) -> None:
    assert threshold(TODAY + timedelta(days=left), TODAY, reminded) == due


def test_the_best_document_counts() -> None:
    def document(days: int | None, signature: str) -> dict[str, object]:
        return {"expires_on": None if days is None else TODAY + timedelta(days=days), "signature": signature}

    required = {"signed": True}
    assert document_state(required, [], TODAY) == "missing"
    assert document_state(required, [document(-1, "signed")], TODAY) == "expired"
    assert document_state(required, [document(-1, "signed"), document(None, "requested")], TODAY) == "unsigned"
    assert document_state(required, [document(None, "requested"), document(0, "signed")], TODAY) == "met"
    assert document_state({"signed": False}, [document(None, "not_needed")], TODAY) == "met"


@given(st.text(max_size=50))
def test_no_cell_begins_a_formula(cell: str) -> None:
    safe = formula_safe(cell)
    assert safe[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert safe.removeprefix("'") == cell or safe == cell
    assert csv_line([cell]).endswith("\r\n")
