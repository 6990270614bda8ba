"""The table of edge cases names tests that are there."""

import re

import pytest

from inventory import ROOT

TABLE = (ROOT / "docs" / "edge-cases.md").read_text()
NAMED = re.findall(r"`(\S+\.py)` · `(test_\w+)`", TABLE)
CASES = re.findall(r"^\| (\d+) \|", TABLE, re.MULTILINE)


def test_every_case_is_in_the_table() -> None:
    assert [str(number) for number in range(1, 21)] == CASES
    assert len(NAMED) >= len(CASES)


def test_every_case_runs_through_rabbitmq() -> None:
    number, through = "", set()
    for row in re.findall(r"^\| (\d*) ?\|.*\| (\w*) ?\|$", TABLE, re.MULTILINE):
        number = row[0] or number
        if row[1] == "MQ":
            through.add(number)
    assert through == set(CASES)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_shows_a_case_is_there(path: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / path).read_text()
