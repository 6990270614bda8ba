"""Carts and saved lists: how each line stands now, and what they come to."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from ordering.domain.pricing import PricedLine, line_total

Kind = Literal["cart", "saved_list"]

MAX_LINES: Final = 200
NAME_LENGTH: Final = 100

# What a portal is told of a line that is there no more; any other reason is the provider's affair.
_TOLD: Final = ("paused", "retired")


def why_told(why: str | None, *, portal: bool) -> str | None:
    """The reason why a line cannot be ordered, as the caller is told."""
    return why if why is None or not portal or why in _TOLD else "not_offered"


def totals_of(lines: Iterable[PricedLine]) -> list[tuple[int, str]]:
    """What the lines come to that can be ordered, by currency: usually one amount."""
    sums: dict[str, int] = {}
    for line in lines:
        if line.visible and line.unit_price_minor is not None and line.currency is not None:
            total = line_total(line.quantity, line.unit_price_minor)
            sums[line.currency] = sums.get(line.currency, 0) + total
    return [(sums[currency], currency) for currency in sorted(sums)]


def is_complete(lines: Sequence[PricedLine]) -> bool:
    """Whether there is something in it, and all of it is offered at a price."""
    return bool(lines) and all(line.visible and line.unit_price_minor is not None for line in lines)
