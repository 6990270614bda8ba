"""What ends on a day and is said in time: documents and certificates."""

from datetime import date, timedelta
from typing import Final

THRESHOLDS: Final = (60, 30, 7)


def threshold(expires_on: date, today: date, reminded: int | None) -> int | None:
    """The number of days (60, 30 or 7) whose reminder is due now; None where none is, or where it was sent: of several
    that passed at once only the nearest is sent. What has ended already is reminded of no more."""
    left = (expires_on - today).days
    reached = [days for days in THRESHOLDS if 0 <= left <= days]
    if not reached or (reminded is not None and min(reached) >= reminded):
        return None
    return min(reached)


def soon(today: date, days: int) -> date:
    """The last day that counts as within so many days."""
    return today + timedelta(days=days)
