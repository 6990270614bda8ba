"""When a promised day has moved so far that its buyer is asked, and what the buyer may say."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

OPEN: Final = "open"
ACCEPTED: Final = "accepted"
CANCELLED: Final = "cancelled"
DECISIONS: Final = (OPEN, ACCEPTED, CANCELLED)
ANSWERS: Final = ("accept", "cancel")


def moved(known: Mapping[str, Any] | None, before: date, after: date, tolerance: int) -> dict[str, Any]:
    """What is known of a line's day after it has moved: `agreed_on`, `promised_on` and the `decision`.

    It is measured from the day that the buyer last agreed to, so that many small slips count like a large one. An open
    question is over without an answer where the day is near enough again."""
    agreed_on = before if known is None else known["agreed_on"]
    decision = None if known is None or known["decision"] == OPEN else known["decision"]
    if (after - agreed_on).days > tolerance:
        decision = OPEN
    return {"agreed_on": agreed_on, "promised_on": after, "decision": decision}
