"""The life of a claim: goods came damaged, were missing, never arrived or were others. Usually nothing comes back."""

from collections.abc import Mapping
from typing import Any, Final

from warehouse.errors.claims import ClaimState

REQUESTED: Final = "requested"
ACCEPTED: Final = "accepted"
DENIED: Final = "denied"
CANCELLED: Final = "cancelled"
STATUSES: Final = (REQUESTED, ACCEPTED, DENIED, CANCELLED)

KINDS: Final = ("damaged", "missing", "never_arrived", "wrong_item")
REPLACE: Final = "replace"
CREDIT: Final = "credit"
NONE: Final = "none"
RESOLUTIONS: Final = (REPLACE, CREDIT, NONE)

TRANSITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    REQUESTED: {"accept": ACCEPTED, "deny": DENIED, "cancel": CANCELLED},
    ACCEPTED: {},
    DENIED: {},
    CANCELLED: {},
}


def after(status: str, command: str) -> str:
    """The status after a command; raises ClaimState where it was decided or taken back before."""
    to = TRANSITIONS[status].get(command)
    if to is None:
        raise ClaimState(
            f"The claim is {status} and cannot {command}. Make a new one for what is left of the shipment.",
            facts={"claim_status": status, "command": command, "commands": commands(status)},
        )
    return to


def commands(status: str) -> list[str]:
    """What somebody can do with a claim in this status."""
    return sorted(TRANSITIONS[status])


def credit_pending(claim: Mapping[str, Any]) -> bool:
    """Whether a credit was granted; billing decides what becomes of it."""
    return bool(claim["status"] == ACCEPTED and claim["granted"] == CREDIT)


def quantity_replaced(claim: Mapping[str, Any]) -> int:
    """How many are sent once more at no charge."""
    return int(claim["quantity_accepted"]) if claim["granted"] == REPLACE else 0
