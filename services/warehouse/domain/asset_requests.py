"""The life of a request for an asset. An approved one has an asset promised to it; a fulfilled one is over, whatever
becomes of the asset."""

from collections.abc import Mapping
from typing import Any, Final

from warehouse.errors.assets import RequestState

REQUESTED: Final = "requested"
APPROVED: Final = "approved"
ON_HOLD: Final = "on_hold"
FULFILLED: Final = "fulfilled"
DENIED: Final = "denied"
CANCELLED: Final = "cancelled"

WAITING: Final = (REQUESTED, APPROVED)
ENDED: Final = (FULFILLED, DENIED, CANCELLED)
STATUSES: Final = (*WAITING, ON_HOLD, *ENDED)

TRANSITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    REQUESTED: {"approve": APPROVED, "deny": DENIED, "cancel": CANCELLED, "hold": ON_HOLD},
    APPROVED: {"fulfil": FULFILLED, "deny": DENIED, "cancel": CANCELLED, "hold": ON_HOLD},
    # What it waited for before it was held, it waits for again.
    ON_HOLD: {"resume": REQUESTED, "deny": DENIED},
    FULFILLED: {},
    DENIED: {},
    CANCELLED: {},
}
# What the check-out of the asset, the switch and returned goods do, and nobody by a command of requests.
_BY_ITSELF: Final = frozenset({"fulfil", "hold", "resume"})

EVENT_OF: Final[Mapping[str, str]] = {
    "approve": "approved",
    "deny": "denied",
    "cancel": "cancelled",
    "hold": "held",
    "resume": "resumed",
    "fulfil": "fulfilled",
}

_NEXT: Final = {
    REQUESTED: "Approve it or deny it.",
    APPROVED: "An asset is promised to it: check that out.",
    ON_HOLD: "It waits until internal inventory is switched on again.",
}
_OVER: Final = "It has ended; make a new request."


def after(request: Mapping[str, Any], command: str) -> str:
    """The status of a request after a command; raises RequestState where there is no such way."""
    status = request["status"]
    ways = TRANSITIONS[status]
    if command not in ways:
        raise RequestState(
            f"Request {request['number']} is {status.replace('_', ' ')} and cannot {command}."
            f" {_NEXT.get(status, _OVER)}",
            facts={"request_status": status, "command": command, "commands": commands(status)},
        )
    return str(request["held_from"]) if command == "resume" else ways[command]


def resumed(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request as it is once internal inventory is on again, also where nothing has followed the switch yet."""
    if request["status"] != ON_HOLD:
        return dict(request)
    return {**request, "status": request["held_from"], "held_from": None}


def commands(status: str) -> list[str]:
    """What somebody can do with a request in this status."""
    return [] if status == ON_HOLD else sorted(set(TRANSITIONS[status]) - _BY_ITSELF)


def fits(request: Mapping[str, Any], asset: Mapping[str, Any]) -> bool:
    """Whether an asset is what was asked for: the one that was named, or one of the article or model."""
    if request["named_asset_id"]:
        return bool(asset["id"] == request["named_asset_id"])
    return all(
        request[name] is None or (asset[name] or "").casefold() == request[name].casefold() for name in ("sku", "model")
    )
