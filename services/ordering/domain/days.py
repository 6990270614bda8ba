"""Days that follow each other by a rhythm, and terms of months."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

UNITS: Final = ("days", "weeks", "months")


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or that month's last one where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_on(start: date, every: int, unit: str, after: date) -> date:
    """The first day later than `after` of the series that begins at `start`. Each is counted from the start, so that
    the last day of a short month does not shorten the ones that follow."""
    if after < start:
        return start
    if unit == "months":
        passed = (after.year - start.year) * 12 + after.month - start.month
        step = passed // every
        while (day := add_months(start, step * every)) <= after:
            step += 1
        return day
    length = every * (7 if unit == "weeks" else 1)
    return start + timedelta(days=((after - start).days // length + 1) * length)
