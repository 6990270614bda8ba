"""Standing orders: their rhythm, and which command leads from which status where."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from common.errors import FieldError
from ordering.domain.days import UNITS, next_on
from ordering.errors.standing_orders import StandingOrderStatus, StandingOrderUnsuitable

__all__ = ["UNITS", "after", "check_rhythm", "following", "resumed"]

Record = Mapping[str, Any]

ACTIVE: Final = "active"
PAUSED: Final = "paused"
ENDED: Final = "ended"
STATUSES: Final = (ACTIVE, PAUSED, ENDED)
ORDERED: Final = "ordered"
REFUSED: Final = "refused"
OUTCOMES: Final = (ORDERED, REFUSED)
MAX_EVERY: Final = 366

TRANSITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    ACTIVE: {"change": ACTIVE, "order": ACTIVE, "pause": PAUSED, "end": ENDED},
    PAUSED: {"change": PAUSED, "resume": ACTIVE, "end": ENDED},
    ENDED: {},
}
COMMANDS: Final = tuple(sorted({command for commands in TRANSITIONS.values() for command in commands}))

LABELS: Final = {
    "name": "Name",
    "lines": "Lines",
    "every": "Every",
    "unit": "Days, weeks or months",
    "starts_on": "First day",
    "next_on": "Next day",
    "ends_on": "Last day",
    "po_number": "Purchase order number",
    "ship_to": "Ship to",
    "note": "Note",
}

_NEXT: Final = {
    ACTIVE: "It orders on its next day (`next_on`).",
    PAUSED: "Resume it first (POST /standing-orders/{id}/resumption).",
    ENDED: "Make a new one.",
}


def after(status: str, command: str) -> str:
    """The status after a command; raises StandingOrderStatus where there is no such way."""
    to = TRANSITIONS[status].get(command)
    if to is None:
        raise StandingOrderStatus(
            f"The standing order is {status} and cannot {command}. {_NEXT[status]}",
            facts={"standing_order_status": status, "command": command, "commands": sorted(TRANSITIONS[status])},
        )
    return to


def check_rhythm(record: Record, today: date) -> None:
    """Raises StandingOrderUnsuitable where its days are over before they begin."""
    errors = []
    if record["next_on"] is not None and record["next_on"] < today:
        errors.append(FieldError("/next_on", f"Is before {today}."))
    if record["next_on"] is not None and record["last_on"] is not None and record["next_on"] <= record["last_on"]:
        errors.append(FieldError("/next_on", f"It has ordered for {record['last_on']} already; name a later day."))
    if record["ends_on"] is not None and record["next_on"] is not None and record["ends_on"] < record["next_on"]:
        errors.append(FieldError("/ends_on", f"Is before its next day, {record['next_on']}."))
    if errors:
        raise StandingOrderUnsuitable(f"These days do not fit: {errors[0].detail}", errors=errors)


def following(record: Record) -> dict[str, Any]:
    """What follows after its present day: the next one, or the end where that is later than the last day."""
    return _on(record, next_on(record["starts_on"], record["every"], record["unit"], record["next_on"]))


def resumed(record: Record, today: date) -> dict[str, Any]:
    """What a resumption changes: the days of the pause are left out, which everybody sees by `next_on`."""
    if record["next_on"] >= today:
        return {"status": after(record["status"], "resume")}
    later = next_on(record["starts_on"], record["every"], record["unit"], max(record["next_on"], _before(today)))
    return {"status": after(record["status"], "resume")} | _on(record, later)


def _on(record: Record, day: date) -> dict[str, Any]:
    if record["ends_on"] is not None and day > record["ends_on"]:
        return {"status": ENDED, "next_on": None}
    return {"next_on": day}


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
