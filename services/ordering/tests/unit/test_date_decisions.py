"""When a day that has moved is a question to its buyer."""

from datetime import date
from typing import Any

import pytest

from ordering.domain.date_decisions import ACCEPTED, CANCELLED, OPEN, moved


def day(number: int) -> date:
    return date(2031, 3, number)


def known(decision: str | None, agreed: int = 1) -> dict[str, Any]:
    return {"agreed_on": day(agreed), "promised_on": day(9), "decision": decision}


@pytest.mark.parametrize(
    ("before", "after", "decision"),
    [
        (None, 8, None),
        (None, 9, OPEN),
        (known(None), 9, OPEN),
        (known(OPEN), 20, OPEN),
        (known(OPEN), 8, None),
        (known(ACCEPTED, agreed=9), 16, ACCEPTED),
        (known(ACCEPTED, agreed=9), 17, OPEN),
        (known(CANCELLED), 5, CANCELLED),
    ],
)
def test_small_slips_are_measured_from_the_day_that_was_agreed(
    before: dict[str, Any] | None, after: int, decision: str | None
) -> None:
    found = moved(before, day(1), day(after), 7)
    assert found == {
        "agreed_on": before["agreed_on"] if before else day(1),
        "promised_on": day(after),
        "decision": decision,
    }
