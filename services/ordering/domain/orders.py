"""The life of an order: which command leads from which status where, and what decides at each gate."""

from collections.abc import Mapping
from typing import Any, Final

from ordering.errors.orders import OrderStatus

DRAFT: Final = "draft"
PENDING_APPROVAL: Final = "pending_approval"
PENDING_CONFIRMATION: Final = "pending_confirmation"
CONFIRMED: Final = "confirmed"
CANCELLING: Final = "cancelling"
COMPLETED: Final = "completed"
REJECTED: Final = "rejected"
CANCELLED: Final = "cancelled"
EXPIRED: Final = "expired"

OPEN: Final = (DRAFT, PENDING_APPROVAL, PENDING_CONFIRMATION, CONFIRMED, CANCELLING)
PENDING: Final = (PENDING_APPROVAL, PENDING_CONFIRMATION)
ENDED: Final = (COMPLETED, REJECTED, CANCELLED, EXPIRED)
STATUSES: Final = OPEN + ENDED

SOURCES: Final = ("portal", "staff", "api", "import", "quote", "standing_order", "exchange", "system")
SHIP_POLICIES: Final = ("ship_partial", "ship_complete", "all_or_nothing_per_line")

# Reasons for which an order is held, and why one ends without a person's words.
AUTHORIZATION_HOLD: Final = "order_authorization_disabled"
DELISTED_HOLD: Final = "delisted"
CUSTOMER_HOLD: Final = "customer_archived"
LIMIT_HOLD: Final = "limit_exceeded"
SELLER_HOLD: Final = "internal_inventory_disabled"
OUT_OF_STOCK: Final = "out_of_stock"
SUPPLY_EXHAUSTED: Final = "supply_exhausted"  # of all that is missing, what is to come was ordered ahead by others

# From each status, where a command leads. Where it depends on more (an approval that is needed, what was shipped), the
# first of them is where it leads at the least, and the use case says which. An order that was confirmed once and waits
# for a decision about more of it ends through `cancelling`, as confirmed ones do.
TRANSITIONS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    DRAFT: {
        "revise": (DRAFT,),
        "submit": (PENDING_CONFIRMATION, PENDING_APPROVAL),
        "cancel": (CANCELLED,),
    },
    PENDING_APPROVAL: {
        "approve": (PENDING_CONFIRMATION,),
        "reject": (REJECTED, CANCELLING),
        "expire": (EXPIRED, CANCELLING),
        "cancel": (CANCELLED, CANCELLING),
        "withdraw": (DRAFT,),
        "reduce": (PENDING_APPROVAL,),
    },
    PENDING_CONFIRMATION: {
        "confirm": (CONFIRMED,),
        "decline": (REJECTED, CANCELLING),
        "hold": (PENDING_CONFIRMATION,),
        "release": (PENDING_CONFIRMATION,),
        "expire": (EXPIRED, CANCELLING),
        "cancel": (CANCELLED, CANCELLING),
        "cancel_lines": (PENDING_CONFIRMATION, CANCELLED, CANCELLING),
        "change_lines": (PENDING_CONFIRMATION, PENDING_APPROVAL),
        "withdraw": (DRAFT,),
    },
    CONFIRMED: {
        "provide": (CONFIRMED,),
        "cancel_lines": (CONFIRMED,),
        "change_lines": (CONFIRMED, PENDING_CONFIRMATION, PENDING_APPROVAL),
        "complete": (COMPLETED, CANCELLED),
        "cancel": (CANCELLING, CANCELLED, COMPLETED),
    },
    CANCELLING: {
        "end": (CANCELLED, COMPLETED),
    },
    COMPLETED: {},
    REJECTED: {},
    CANCELLED: {},
    EXPIRED: {},
}
COMMANDS: Final = tuple(sorted({command for commands in TRANSITIONS.values() for command in commands}))

_NEXT: Final = {
    DRAFT: "Submit it first.",
    PENDING_APPROVAL: "Its company decides about it first.",
    PENDING_CONFIRMATION: "Confirm or decline it first.",
    CONFIRMED: "Change its lines (POST /orders/{id}/revisions), or give up what is not shipped.",
    CANCELLING: "It is being cancelled; look again in a moment.",
}
_ENDED: Final = "It has ended; make a new draft from it (POST /orders/{id}/reorder)."


def after(status: str, command: str, to: str | None = None) -> str:
    """The status after a command, `to` where it leads to several; raises OrderStatus where there is no such way."""
    ways = TRANSITIONS[status].get(command)
    if ways is None:
        raise OrderStatus(
            f"The order is {status.replace('_', ' ')} and cannot {command}. {_NEXT.get(status, _ENDED)}",
            facts={"order_status": status, "command": command, "commands": sorted(TRANSITIONS[status])},
        )
    if to is None:
        return ways[0]
    assert to in ways, f"{command} does not lead from {status} to {to}"
    return to


def confirms_itself(order: Mapping[str, Any]) -> bool:
    """Whether an order that its company has passed is confirmed without a person: by the customer's setting at the
    time of its submission, unless it is held or above the ceiling. Where there are ceilings, an amount in a currency
    without one waits for a person: amounts of two currencies are never compared."""
    snapshot = order["settings_snapshot"] or {}
    if order["hold_reasons"] or not snapshot.get("auto_confirm"):
        return False
    ceilings: Mapping[str, int] = snapshot.get("auto_confirm_ceilings") or {}
    if not ceilings:
        return True
    ceiling = ceilings.get(order["currency"])
    return ceiling is not None and int(order["total_minor"]) <= ceiling
