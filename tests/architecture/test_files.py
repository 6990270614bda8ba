"""What any file of the repository may hold, and how long it may be."""

import re
from pathlib import Path

import pytest

from inventory import ROOT, tracked_files

FILES = tracked_files()
PYTHON = [path for path in FILES if path.suffix == ".py"]
MOST_LINES, MOST_LINES_OF_A_TEST = 400, 500
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "misc"}

# In pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a path of one machine": re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + r"me/\w", "/o" + "pt/pypi"])),
    "the address of a package index": re.compile(r"//(?:pypi\.|files\.pytho" + r"nhosted|registry\.npm|test\.pypi)"),
    "a note to oneself": re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + r"X)\b"),
}


def text_of(path: Path) -> str:
    return path.read_bytes().decode(errors="ignore")


def is_test(path: Path) -> bool:
    return "tests" in path.relative_to(ROOT).parts


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


def test_no_source_file_is_too_long() -> None:
    lengths = {path.relative_to(ROOT): len(text_of(path).splitlines()) for path in PYTHON}
    long = {
        str(path): lines
        for path, lines in lengths.items()
        if lines > (MOST_LINES_OF_A_TEST if is_test(ROOT / path) else MOST_LINES)
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    empty_marker = re.compile(r"\s*\Z")
    found = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if not re.match(r'(?:#!.*\n)?\s*r?"""', text_of(path)) and not empty_marker.match(text_of(path))
    ]
    assert found == []


def test_no_file_is_named_after_nothing() -> None:
    found = [str(path.relative_to(ROOT)) for path in PYTHON if {path.stem, path.parent.name} & FORBIDDEN_NAMES]
    assert found == []


def test_no_test_is_left_out() -> None:
    marks = re.compile(r"pytest\.(?:mark\.)?(?:sk" + r"ip|xf" + r"ail)\b|time\.sl" + r"eep\(")
    tests = [path for path in PYTHON if path.name.startswith("test_")]
    assert [str(path.relative_to(ROOT)) for path in tests if marks.search(text_of(path))] == []
