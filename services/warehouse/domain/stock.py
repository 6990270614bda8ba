"""What goods cost: a moving average per balance."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_STEP: Final = Decimal("0.000001")


def moving_average(on_hand: int, average: Decimal | None, quantity: int, unit_cost: Decimal | None) -> Decimal | None:
    """The average cost of a unit after a receipt, in minor units with six decimals, rounded half up.

    It is the cost of what was there and of what arrived, divided by how many there are then. Goods that arrive without
    a cost take the average that is there; where nothing is on hand, or what is there has no cost, the new cost counts
    alone. What leaves, is adjusted or counted never changes the average."""
    if unit_cost is None or quantity <= 0:
        return average
    if average is None or on_hand <= 0:
        return unit_cost.quantize(_STEP, ROUND_HALF_UP)
    total = on_hand * average + quantity * unit_cost
    return (total / (on_hand + quantity)).quantize(_STEP, ROUND_HALF_UP)


def cost_minor(parts: Iterable[tuple[int, Decimal | None]]) -> int | None:
    """What goods of several balances cost, each quantity at its average, in whole minor units: summed first, then
    rounded half up. None where a cost is unknown."""
    total = Decimal(0)
    for quantity, average in parts:
        if average is None:
            return None
        total += quantity * average
    return int(total.quantize(Decimal(1), ROUND_HALF_UP))
