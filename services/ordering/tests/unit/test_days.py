"""Days that follow each other by a rhythm."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordering.domain.days import UNITS, add_months, next_on

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-15", 3, "2027-02-15"),
        ("2026-12-31", 12, "2027-12-31"),
    ],
)
def test_months_end_on_the_last_day_where_they_are_shorter(day: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


def test_a_short_month_does_not_shorten_those_after_it() -> None:
    start, found = date(2026, 1, 31), []
    day = start
    for _ in range(3):
        day = next_on(start, 1, "months", day)
        found.append(day)
    assert found == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


@given(DAYS, st.integers(1, 36), st.sampled_from(UNITS), st.integers(0, 5000))
def test_the_next_day_is_the_first_of_the_series_that_is_later(start: date, every: int, unit: str, gone: int) -> None:
    after = start + timedelta(days=gone)
    found = next_on(start, every, unit, after)
    assert found > after
    steps = range(gone // every + 2)
    if unit == "months":
        series = [add_months(start, step * every) for step in range(gone // 28 // every + 3)]
    else:
        series = [start + timedelta(days=step * every * (7 if unit == "weeks" else 1)) for step in steps]
    assert found == min(day for day in series if day > after)


def test_a_series_that_has_not_begun_begins_at_its_start() -> None:
    assert next_on(date(2026, 5, 1), 2, "weeks", date(2026, 4, 1)) == date(2026, 5, 1)
