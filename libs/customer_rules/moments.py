"""Which stretch of time an operator means, seen from a moment in a time zone. Weeks begin on Monday."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from customer_rules.tree import Span

_TICK = timedelta(microseconds=1)
_FIRST, _LAST = date(1, 1, 2), date(9999, 12, 30)  # a time zone cannot push these over the edge


@dataclass(frozen=True, slots=True)
class When:
    """The moment and the time zone for which a rule is asked."""

    now: datetime
    zone: ZoneInfo = ZoneInfo("UTC")  # noqa: RUF009  # it is immutable

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


Bounds = tuple[Any, Any]


def bounds(kind: Literal["date", "datetime"], op: str, value: Any, when: When) -> Bounds:
    """The least value that belongs, and the least that no longer does; None where there is no such end. Days for dates,
    moments in UTC for datetimes."""
    if op in {"within_last", "within_next"}:
        return _span(kind, op, value, when)
    if op in {"this", "last"}:
        first, end = _period(op, value, when.today)
    elif op == "on":
        first, end = value, _days(value, 1)
    elif op == "between":
        first, end = value[0], _after(value[1])
    elif op == "before":
        first, end = None, value
    else:
        first, end = _after(value), None
    if kind == "date":
        return first, end
    return _start(first, when), _start(end, when)


def anniversaries(value: Span, when: When) -> frozenset[tuple[int, int]]:
    """Month and day of what has its anniversary today or on one of the days ahead. The 29th of February is kept on the
    28th where there is none."""
    found: set[tuple[int, int]] = set()
    for ahead in range(value.n + 1):
        day = _days(when.today, ahead)
        found.add((day.month, day.day))
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            found.add((2, 29))
    return frozenset(found)


def _span(kind: str, op: str, value: Span, when: When) -> Bounds:
    sign = -1 if op == "within_last" else 1
    if kind == "date":
        other = _moved(when.today, value, sign)
        return (other, _days(when.today, 1)) if sign < 0 else (when.today, _days(other, 1))
    if value.unit == "hour":
        there = when.now + timedelta(hours=sign * value.n)
    else:
        # The same time of day on another day, as the clocks there show it.
        here = when.now.astimezone(when.zone)
        there = datetime.combine(_moved(here.date(), value, sign), here.timetz()).astimezone(UTC)
    now = when.now.astimezone(UTC)
    return (there, now + _TICK) if sign < 0 else (now, there + _TICK)


def _moved(day: date, span: Span, sign: int) -> date:
    if span.unit in {"day", "week"}:
        return _days(day, sign * span.n * (7 if span.unit == "week" else 1))
    months = span.n * {"month": 1, "quarter": 3, "year": 12}[span.unit]
    return _months(day, sign * months)


def _period(op: str, unit: str, today: date) -> tuple[date, date]:
    if unit == "day":
        first, length = today, Span(1, "day")
    elif unit == "week":
        first, length = today - timedelta(days=today.weekday()), Span(1, "week")
    elif unit == "month":
        first, length = today.replace(day=1), Span(1, "month")
    elif unit == "quarter":
        first, length = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), Span(1, "quarter")
    else:
        first, length = today.replace(month=1, day=1), Span(1, "year")
    return (first, _moved(first, length, 1)) if op == "this" else (_moved(first, length, -1), first)


def _after(value: date | datetime) -> date | datetime:
    return value + _TICK if isinstance(value, datetime) else _days(value, 1)


def _days(day: date, count: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + count, _FIRST.toordinal()), _LAST.toordinal()))


def _months(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not _FIRST.year < year < _LAST.year:
        return _FIRST if count < 0 else _LAST
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _start(value: date | datetime | None, when: When) -> datetime | None:
    """The moment at which a day begins in the time zone."""
    if value is None or isinstance(value, datetime):
        return value
    inside = min(max(value, _FIRST), _LAST)
    return datetime.combine(inside, time(), when.zone).astimezone(UTC)
