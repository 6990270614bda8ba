"""Moving in and out: what a move ends, what it begins, what stays, and what somebody should look at first."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from customer.domain.assignments import OCCUPANT, Period, free
from customer.errors.properties import AlreadyAssigned, NotAssigned, PropertyOccupied

Holder = Mapping[str, Any]  # an assignment with the number and name of its customer

KINDS: Final = ("in", "out")
STATES: Final = ("planned", "executed", "cancelled")
MAX_SERVICES: Final = 50


def refuse_clashes(wanted: Holder, present: Sequence[Holder]) -> None:
    """Raises AlreadyAssigned or PropertyOccupied where an assignment of the same property keeps this one out."""
    period = Period.of(wanted)
    others = [each for each in present if each["id"] != wanted["id"] and period.meets(Period.of(each))]
    for other in others:
        if (other["customer_id"], other["role"]) == (wanted["customer_id"], wanted["role"]):
            raise AlreadyAssigned(
                f"The customer is {_role(other)} of this property {_when(other)}; change that assignment instead.",
                facts={"assignment_id": other["id"]} | Period.of(other).shown(),
            )
    for other in others:
        if wanted["role"] == other["role"] == OCCUPANT:
            raise occupied(other, [each for each in present if each["id"] != wanted["id"]], period.starts_on)


def occupied(by: Holder, present: Sequence[Holder], start: date) -> PropertyOccupied:
    """The refusal that names who occupies the property, and the days that are free."""
    days = free([Period.of(each) for each in present if each["role"] == OCCUPANT], start)
    spoken = " and ".join(_spoken(day) for day in days[:2]) or "no day"
    return PropertyOccupied(
        f"{_name(by)} occupies the property {_when(by)}. Free: {spoken}.",
        facts={
            "occupant": {
                "assignment_id": by["id"],
                "customer_id": by["customer_id"],
                "number": by["customer_number"],
                "name": by["customer_name"],
            }
            | Period.of(by).shown(),
            "free": [day.shown() for day in days],
        },
    )


def ended_by_moving_in(customer_id: str, role: str, day: date, present: Sequence[Holder]) -> list[Holder]:
    """The assignments that end when a customer moves in. Only an occupant displaces somebody: the occupant of the day
    before. Raises AlreadyAssigned, and PropertyOccupied where somebody begins on that day or later."""
    comes = {"id": None, "customer_id": customer_id, "role": role, "starts_on": day, "until": None}
    leaving = [
        each
        for each in present
        if role == each["role"] == OCCUPANT
        and each["customer_id"] != customer_id
        and each["starts_on"] < day
        and Period.of(each).holds(day)
    ]
    gone = {each["id"]: day for each in leaving}
    refuse_clashes(comes, [dict(each) | {"until": gone.get(each["id"], each["until"])} for each in present])
    return leaving


def ended_by_moving_out(customer_id: str, role: str, day: date, present: Sequence[Holder]) -> list[Holder]:
    """The assignment that ends when a customer moves out; raises NotAssigned."""
    own = [each for each in present if (each["customer_id"], each["role"]) == (customer_id, role)]
    for each in own:
        if each["starts_on"] < day and Period.of(each).holds(day):
            return [each]
    known = f" It is {_role(own[0])} {_when(own[0])}." if own else ""
    raise NotAssigned(
        f"The customer is not {_article(role)} of this property on the days before and on {day.isoformat()}.{known}",
        facts={"assignments": [{"assignment_id": each["id"]} | Period.of(each).shown() for each in own]},
    )


def staying(day: date, ends: Sequence[Holder], present: Sequence[Holder]) -> list[Holder]:
    """Who still has the property on the day, besides those whose assignment ends."""
    gone = {each["id"] for each in ends}
    return [each for each in present if each["id"] not in gone and Period.of(each).holds(day)]


def warnings(
    kind: str, day: date, today: date, ends: Sequence[Holder], stays: Sequence[Holder]
) -> list[dict[str, str]]:
    """What a person should look at before the move: `{code, detail}`."""
    found: list[dict[str, str]] = []
    if day < today:
        found.append({"code": "in_the_past", "detail": f"The day, {day.isoformat()}, has passed; it takes effect now."})
    if kind == "in":
        found += [{"code": "moves_out", "detail": f"{_name(each)} is moved out."} for each in ends]
    leaving = {each["customer_id"] for each in ends}
    found += [
        {"code": "keeps_role", "detail": f"{_name(each)} stays {_role(each)}."}
        for each in stays
        if each["customer_id"] in leaving
    ]
    if kind == "out" and any(each["role"] == OCCUPANT for each in ends):
        found.append({"code": "vacant", "detail": f"The property is vacant from {day.isoformat()} on."})
    return found


def _name(holder: Holder) -> str:
    return f"{holder['customer_name']} ({holder['customer_number']})"


def _role(holder: Holder) -> str:
    return _article(holder["role"])


def _article(role: str) -> str:
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"


def _when(holder: Holder) -> str:
    return _spoken(Period.of(holder))


def _spoken(period: Period) -> str:
    since = f"from {period.starts_on.isoformat()}"
    return f"{since} up to {period.until.isoformat()}" if period.until else f"{since} on"
