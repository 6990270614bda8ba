"""What a customer that sells says about an order of its listings."""

from collections.abc import Mapping
from typing import Any, Final

from ordering.domain.orders import CONFIRMED, PENDING_CONFIRMATION
from ordering.errors.selling import SaleDecided

WAITING: Final = "waiting"
SAID_YES: Final = "confirmed"
SAID_NO: Final = "declined"
AUTOMATIC: Final = "automatic"
STATES: Final = (WAITING, SAID_YES, SAID_NO, AUTOMATIC)


def commands(state: str, order_status: str) -> list[str]:
    """What the seller can do now."""
    if order_status == PENDING_CONFIRMATION and state == WAITING:
        return ["confirm", "decline"]
    return ["provide"] if order_status == CONFIRMED and state in {SAID_YES, AUTOMATIC} else []


def check_command(sale: Mapping[str, Any], order_status: str, command: str) -> None:
    """Raises SaleDecided where the seller cannot do that now."""
    possible = commands(sale["state"], order_status)
    if command not in possible:
        raise SaleDecided(
            f"The order is {order_status.replace('_', ' ')} and your word on it is {sale['state']}; there is nothing to"
            f" {command}.",
            facts={"order_status": order_status, "state": sale["state"], "commands": possible},
        )
