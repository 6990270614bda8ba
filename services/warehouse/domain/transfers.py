"""The life of a transfer of goods between two warehouses."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from warehouse.errors.transfers import TransferState

REQUESTED: Final = "requested"
APPROVED: Final = "approved"
IN_TRANSIT: Final = "in_transit"
PARTIALLY_RECEIVED: Final = "partially_received"
RECEIVED: Final = "received"
CLOSED: Final = "closed"
CANCELLED: Final = "cancelled"

# What a customer asks for of its own warehouse, and whose goods these may be.
INTO: Final = "in"
OUT: Final = "out"
DIRECTIONS: Final = (INTO, OUT)
OWN: Final = "own"
OWNERS: Final = ("provider", OWN)

UNDERWAY: Final = (IN_TRANSIT, PARTIALLY_RECEIVED)
STATUSES: Final = (REQUESTED, APPROVED, IN_TRANSIT, PARTIALLY_RECEIVED, RECEIVED, CLOSED, CANCELLED)

# From each status, where a command leads; where it leads to several, the use case says which.
TRANSITIONS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    REQUESTED: {"approve": (APPROVED,), "cancel": (CANCELLED,)},
    APPROVED: {"dispatch": (IN_TRANSIT,), "cancel": (CANCELLED,)},
    IN_TRANSIT: {"receive": (PARTIALLY_RECEIVED, RECEIVED), "close": (CLOSED,)},
    PARTIALLY_RECEIVED: {"receive": (PARTIALLY_RECEIVED, RECEIVED), "close": (CLOSED,)},
    RECEIVED: {"close": (CLOSED,)},
    CLOSED: {},
    CANCELLED: {},
}

_NEXT: Final = {
    REQUESTED: "Approve it first.",
    APPROVED: "Let its goods leave first.",
    IN_TRANSIT: "Its goods are on their way: count in what arrives.",
    PARTIALLY_RECEIVED: "Count in the rest, or close it with the reason why the rest is missing.",
    RECEIVED: "Everything has arrived: close it.",
}
_OVER: Final = "It has ended; make a new transfer."


def after(status: str, command: str, to: str | None = None) -> str:
    """The status after a command, `to` where it leads to several; raises TransferState where there is no such way."""
    ways = TRANSITIONS[status].get(command)
    if ways is None:
        raise TransferState(
            f"The transfer is {status.replace('_', ' ')} and cannot {command}. {_NEXT.get(status, _OVER)}",
            facts={"transfer_status": status, "command": command, "commands": sorted(TRANSITIONS[status])},
        )
    if to is None:
        return ways[0]
    assert to in ways, f"{command} does not lead from {status} to {to}"
    return to


def missing(lines: Iterable[Mapping[str, Any]]) -> int:
    """How many are on their way."""
    return sum(line["quantity"] - line["received"] for line in lines)


def owner_of(named: str | None, direction: str, customer_id: str) -> str | None:
    """Whose goods a customer asks to be moved: those that are named, else the provider's into its warehouse and its own
    out of it. None stands for the provider."""
    own = direction == OUT if named is None else named == OWN
    return customer_id if own else None
