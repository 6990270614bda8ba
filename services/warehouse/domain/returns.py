"""The life of a return of goods: which command leads from which status where, and what an inspection may decide."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from warehouse.errors.returns import InspectionIncomplete, OutcomeUnsuitable, ReturnState

REQUESTED: Final = "requested"
AUTHORIZED: Final = "authorized"
PARTIALLY_AUTHORIZED: Final = "partially_authorized"
DENIED: Final = "denied"
IN_TRANSIT: Final = "in_transit"
PARTIALLY_RECEIVED: Final = "partially_received"
RECEIVED: Final = "received"
INSPECTED: Final = "inspected"
CLOSED: Final = "closed"
CANCELLED: Final = "cancelled"
EXPIRED: Final = "expired"

OPEN: Final = (*(REQUESTED, AUTHORIZED, PARTIALLY_AUTHORIZED, IN_TRANSIT, PARTIALLY_RECEIVED, RECEIVED, INSPECTED),)
EXPIRING: Final = (AUTHORIZED, PARTIALLY_AUTHORIZED)
ENDED: Final = (CLOSED, DENIED, CANCELLED, EXPIRED)
STATUSES: Final = OPEN + ENDED

REASONS: Final = ("not_needed", "wrong_item", "damaged", "defective", "not_as_described", "end_of_use", "other")
CONDITIONS: Final = ("A", "B", "C", "scrap")
DISPOSITIONS: Final = ("restock", "quarantine", "repair", "scrap", "return_to_vendor", "return_to_customer")
RESOLUTIONS: Final = ("credit", "refund", "replace", "repair", "reject", "none")
REPLACE: Final = "replace"

# What the goods were paid back or exchanged for, so that they are the provider's again.
_PROVIDER_S: Final = frozenset({"credit", "refund", "replace"})
_MONEY: Final = frozenset({"credit", "refund"})
_KEPT_APART: Final = frozenset({"quarantine", "repair", "return_to_vendor"})

# From each status, where a command leads; where it leads to several, the use case says which.
TRANSITIONS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    REQUESTED: {"authorize": (AUTHORIZED, PARTIALLY_AUTHORIZED), "deny": (DENIED,), "cancel": (CANCELLED,)},
    AUTHORIZED: {
        "arrive": (IN_TRANSIT,),
        "receive": (PARTIALLY_RECEIVED, RECEIVED),
        "cancel": (CANCELLED,),
        "expire": (EXPIRED,),
    },
    PARTIALLY_AUTHORIZED: {
        "arrive": (IN_TRANSIT,),
        "receive": (PARTIALLY_RECEIVED, RECEIVED),
        "cancel": (CANCELLED,),
        "expire": (EXPIRED,),
    },
    IN_TRANSIT: {"arrive": (IN_TRANSIT,), "receive": (PARTIALLY_RECEIVED, RECEIVED), "cancel": (CANCELLED,)},
    PARTIALLY_RECEIVED: {"arrive": (PARTIALLY_RECEIVED,), "receive": (PARTIALLY_RECEIVED, RECEIVED)},
    RECEIVED: {"inspect": (INSPECTED,)},
    INSPECTED: {"close": (CLOSED,)},
    CLOSED: {},
    DENIED: {},
    CANCELLED: {},
    EXPIRED: {},
}
COMMANDS: Final = tuple(sorted({command for commands in TRANSITIONS.values() for command in commands}))

_NEXT: Final = {
    REQUESTED: "Authorize it or deny it first.",
    AUTHORIZED: "Its goods are on their way: note what arrives.",
    PARTIALLY_AUTHORIZED: "Its goods are on their way: note what arrives.",
    IN_TRANSIT: "The carrier has brought something: count it in (receipt).",
    PARTIALLY_RECEIVED: "Count in the rest, or say that no more is coming (receipt with `complete`).",
    RECEIVED: "Inspect what has come.",
    INSPECTED: "Close it.",
}
_OVER: Final = "It has ended; request a new return."


def after(status: str, command: str, to: str | None = None) -> str:
    """The status after a command, `to` where it leads to several; raises ReturnState where there is no such way."""
    ways = TRANSITIONS[status].get(command)
    if ways is None:
        raise ReturnState(
            f"The return is {status.replace('_', ' ')} and cannot {command}. {_NEXT.get(status, _OVER)}",
            facts={
                "return_status": status,
                "command": command,
                "commands": sorted(set(TRANSITIONS[status]) - {"expire"}),
            },
        )
    if to is None:
        return ways[0]
    assert to in ways, f"{command} does not lead from {status} to {to}"
    return to


def commands(status: str) -> list[str]:
    """What somebody can do with a return in this status; expire it does by time alone."""
    return sorted(set(TRANSITIONS[status]) - {"expire"})


def window_ends(delivered_at: datetime | None, days: int) -> datetime | None:
    """Until when goods may be returned: so many days after they were delivered. None while they are on their way."""
    return None if delivered_at is None else delivered_at + timedelta(days=days)


def is_too_late(now: datetime, delivered_at: datetime | None, days: int) -> bool:
    """Whether goods are not taken back any more, or with no days at all never were."""
    ends = window_ends(delivered_at, days)
    return days == 0 or (ends is not None and now > ends)


def owner_of(outcome: Mapping[str, Any], customer_id: str, *, dedicated: bool) -> str | None:
    """Whose the goods are once they are inspected: what goes into a customer's own warehouse stays the customer's, and
    elsewhere the provider's is only what was paid back or exchanged. None stands for the provider."""
    return None if outcome["resolution"] in _PROVIDER_S and not dedicated else customer_id


def pool_of(outcome: Mapping[str, Any]) -> str | None:
    """Where goods go: on the shelf (`on_hand`) only in condition A and to be restocked, into `quarantine` what is kept
    apart, and nowhere what is scrapped or sent back."""
    if outcome["disposition"] == "restock" and outcome["condition"] == "A":
        return "on_hand"
    return "quarantine" if outcome["disposition"] in _KEPT_APART else None


def check_outcome(outcome: Mapping[str, Any], pointer: str, *, dedicated: bool, unexpected: bool) -> None:
    """Raises OutcomeUnsuitable where what is decided about inspected goods does not fit together."""
    if outcome["disposition"] == "restock" and outcome["condition"] != "A":
        raise OutcomeUnsuitable.at(
            f"{pointer}/disposition",
            "Only goods in condition A go back on the shelf; choose quarantine, repair, scrap, or send them back.",
        )
    if outcome["disposition"] == "restock" and outcome["resolution"] == "reject":
        raise OutcomeUnsuitable.at(
            f"{pointer}/disposition", "Goods that are rejected are not restocked; send them back or keep them apart."
        )
    if dedicated and outcome["resolution"] in _PROVIDER_S:
        raise OutcomeUnsuitable.at(
            f"{pointer}/resolution",
            "Goods in a customer's own warehouse stay the customer's; choose none, repair or reject. For a credit the"
            " return goes to a warehouse of the provider.",
        )
    if unexpected and (outcome["disposition"] == "restock" or outcome["resolution"] in _PROVIDER_S):
        raise OutcomeUnsuitable.at(
            f"{pointer}/resolution",
            "For goods that nobody announced there is no credit and no shelf; keep them apart or send them back.",
        )


def counted(line: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]], pointer: str) -> tuple[int, int]:
    """How many of a received line are accepted and rejected by these outcomes. Raises InspectionIncomplete where they
    do not speak of all that was received, or accept more than was ever shipped."""
    rejected = sum(one["quantity"] for one in outcomes if one["resolution"] == "reject")
    accepted = sum(one["quantity"] for one in outcomes) - rejected
    received = line["quantity_received"]
    if accepted + rejected != received:
        raise InspectionIncomplete.at(
            pointer, f"{received} were received of {line['sku']}, and {accepted + rejected} are decided about."
        )
    most = received if line["shipment_id"] is None else line["quantity_claimed"]
    if accepted > most:
        raise InspectionIncomplete.at(
            pointer, f"Only {most} of {line['sku']} can have come from this shipment; reject what is beyond that."
        )
    return accepted, rejected


def credit_wanted(lines: Iterable[Mapping[str, Any]]) -> bool:
    """Whether anything is to be paid back."""
    return any(outcome["resolution"] in _MONEY for line in lines for outcome in line["outcomes"])


def replaced(outcomes: Iterable[Mapping[str, Any]]) -> int:
    """For how many of a line others are granted."""
    return sum(outcome["quantity"] for outcome in outcomes if outcome["resolution"] == REPLACE)


def check_granted_once(line: Mapping[str, Any], outcomes: Iterable[Mapping[str, Any]], pointer: str) -> None:
    """Raises OutcomeUnsuitable where money is granted for what was replaced in advance."""
    paid = sum(outcome["quantity"] for outcome in outcomes if outcome["resolution"] in _MONEY)
    if paid and paid + line["quantity_replaced"] > line["quantity_received"]:
        raise OutcomeUnsuitable.at(
            pointer,
            f"{line['quantity_replaced']} of {line['sku']} were replaced before they came, so nothing is paid back for"
            " them; choose replace.",
        )


def receipt_status(lines: Iterable[Mapping[str, Any]], *, complete: bool) -> str:
    """The status after a receipt: received when everything that was authorized has come, or no more is coming."""
    whole = all(line["quantity_received"] >= line["quantity_authorized"] for line in lines)
    return RECEIVED if complete or whole else PARTIALLY_RECEIVED
