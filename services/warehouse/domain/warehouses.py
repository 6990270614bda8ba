"""What a warehouse is, and what becomes of a customer's own one when the customer's switch changes."""

from typing import Final, Literal

PROVIDER: Final = "provider"
DEDICATED: Final = "dedicated"

ACTIVE: Final = "active"
DRAINING: Final = "draining"
CLOSED: Final = "closed"

State = Literal["off", "no_warehouse", "ready", "draining", "empty"]
STATES: Final = ("off", "no_warehouse", "ready", "draining", "empty")

_NEXT: Final = {
    "off": "Switch warehouse_enabled on for the customer, where it is to have a warehouse of its own.",
    "no_warehouse": "Make or choose its warehouse: POST /api/customers/{id}/warehouse. Until then orders come from the"
    " provider's warehouses, and the provider's staff makes returns.",
    "ready": "Nothing is left to do.",
    "draining": "Nothing comes in any more. Ship and receive what the blockers name, move the rest out"
    " (POST /api/transfers), and close the warehouse then.",
    "empty": "It holds nothing and waits for nothing: close it (PATCH /api/warehouses/{id}), or switch"
    " warehouse_enabled on again.",
}


def state_of(*, on: bool, status: str | None, blocked: bool) -> State:
    """How a customer's own warehouse stands: `status` is that of its warehouse, None where it has none that is open;
    `blocked` whether anything is in it or on the way to it."""
    if status is None:
        return "no_warehouse" if on else "off"
    if on and status == ACTIVE:
        return "ready"
    return "draining" if blocked else "empty"


def next_step(state: State) -> str:
    """What to do."""
    return _NEXT[state]


def after_switch(status: str, *, was_on: bool, on: bool, drained: bool) -> tuple[str, bool]:
    """The status of a customer's warehouse after a look at its switch, and whether it drains because of it. One that
    was made before the switch came on may be filled; one that somebody drains or closed stays so."""
    if was_on and not on and status == ACTIVE:
        return DRAINING, True
    if on and drained and status == DRAINING:
        return ACTIVE, False
    return status, drained and status == DRAINING
