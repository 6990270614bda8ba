"""Assignments: who has which role at a property, in half-open periods of days (`from` belongs to it, `to` does not)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from common.errors import FieldError
from customer.errors.properties import PeriodInvalid

ROLES: Final = ("owner", "occupant", "manager", "payer")
OCCUPANT: Final = "occupant"  # the role that one customer at a time can have

State = Literal["planned", "current", "ended"]
STATES: Final = ("planned", "current", "ended")

LABELS: Final = {"role": "Role", "from": "From", "to": "To"}

_FREE_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `starts_on` up to, but not including, `until`; None is for ever."""

    starts_on: date
    until: date | None = None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Period":
        """The period of an assignment."""
        return cls(record["starts_on"], record["until"])

    def check(self) -> None:
        """Raises PeriodInvalid where it holds no day."""
        if self.until is not None and self.until <= self.starts_on:
            raise PeriodInvalid(
                "An assignment ends after the day on which it begins; `to` is the first day that no longer belongs"
                " to it.",
                errors=[FieldError("/to", f"Must be later than {self.starts_on.isoformat()}.")],
            )

    def meets(self, other: "Period") -> bool:
        """Whether they have a day in common."""
        return _before(self.starts_on, other.until) and _before(other.starts_on, self.until)

    def holds(self, day: date) -> bool:
        """Whether the day belongs to it."""
        return self.starts_on <= day and _before(day, self.until)

    def state(self, today: date) -> State:
        """Whether it lies ahead, is now, or is over."""
        if not _before(today, self.until):
            return "ended"
        return "current" if self.starts_on <= today else "planned"

    def shown(self) -> dict[str, str | None]:
        """As JSON."""
        return {"from": self.starts_on.isoformat(), "to": self.until.isoformat() if self.until else None}


def free(taken: Iterable[Period], start: date) -> list[Period]:
    """The first periods from `start` on that none of the taken ones meets."""
    found: list[Period] = []
    here: date | None = start
    for period in sorted(taken, key=lambda each: each.starts_on):
        if here is None or len(found) == _FREE_SHOWN:
            break
        if here < period.starts_on:
            found.append(Period(here, period.starts_on))
        here = None if period.until is None else max(here, period.until)
    if here is not None and len(found) < _FREE_SHOWN:
        found.append(Period(here))
    return found


def rewrites_past(before: Mapping[str, Any], after: Mapping[str, Any], today: date) -> bool:
    """Whether the change says something else about a day that has passed."""
    was, becomes = Period.of(before), Period.of(after)
    if before["role"] != after["role"] and min(was.starts_on, becomes.starts_on) < today:
        return True
    if was.starts_on != becomes.starts_on and min(was.starts_on, becomes.starts_on) < today:
        return True
    return was.until != becomes.until and _earlier(was.until, becomes.until) < today


def stated(record: Mapping[str, Any]) -> dict[str, Any]:
    """What an edit of an assignment can change, as JSON."""
    return {"role": record["role"], **Period.of(record).shown()}


def _before(day: date, until: date | None) -> bool:
    return until is None or day < until


def _earlier(one: date | None, other: date | None) -> date:
    return min(day for day in (one, other) if day is not None)
