"""Quotes: which command leads from which status where, and when one may be sent or accepted."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from common.errors import FieldError
from ordering.errors.quotes import QuoteExpired, QuoteStatus, QuoteUnsuitable

REQUESTED: Final = "requested"
DRAFTED: Final = "drafted"
SENT: Final = "sent"
ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
EXPIRED: Final = "expired"
STATUSES: Final = (REQUESTED, DRAFTED, SENT, ACCEPTED, DECLINED, EXPIRED)

TRANSITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    REQUESTED: {"revise": DRAFTED, "decline": DECLINED},
    DRAFTED: {"revise": DRAFTED, "send": SENT, "decline": DECLINED},
    SENT: {"revise": DRAFTED, "accept": ACCEPTED, "decline": DECLINED, "expire": EXPIRED},
    ACCEPTED: {},
    DECLINED: {"revise": DRAFTED},
    EXPIRED: {"revise": DRAFTED},
}
COMMANDS: Final = tuple(sorted({command for commands in TRANSITIONS.values() for command in commands}))

_NEXT: Final = {
    REQUESTED: "The provider works it out (POST /quotes/{id}/revisions).",
    DRAFTED: "The provider sends it first (POST /quotes/{id}/sending).",
    SENT: "Accept or decline it, or ask for another one.",
    ACCEPTED: "Its order goes on (`order_id`).",
    DECLINED: "Ask for a new one, or let the provider revise it.",
    EXPIRED: "Ask for a new one, or let the provider revise it.",
}


def after(status: str, command: str) -> str:
    """The status after a command; raises QuoteStatus where there is no such way."""
    to = TRANSITIONS[status].get(command)
    if to is None:
        raise QuoteStatus(
            f"The quote is {status} and cannot {command}. {_NEXT[status]}",
            facts={"quote_status": status, "command": command, "commands": sorted(TRANSITIONS[status])},
        )
    return to


def check_sending(lines: Sequence[Mapping[str, Any]], valid_until: date | None, today: date) -> None:
    """Raises QuoteUnsuitable where a line has no price, or the quote would have expired already."""
    errors = [
        FieldError(f"/lines/{place}/unit_price", f"{line['name']} has no price.")
        for place, line in enumerate(lines)
        if line["unit_price_minor"] is None
    ]
    if valid_until is None or valid_until < today:
        errors.append(FieldError("/valid_until", f"Say until when it holds: {today} or later."))
    if errors:
        raise QuoteUnsuitable("Revise the quote first, then send it.", errors=errors)


def check_acceptance(valid_until: date | None, today: date) -> None:
    """Raises QuoteExpired where the offer holds no more."""
    if valid_until is None or valid_until < today:
        raise QuoteExpired(
            f"The quote held until {valid_until}; ask for a new one.", facts={"valid_until": str(valid_until)}
        )
