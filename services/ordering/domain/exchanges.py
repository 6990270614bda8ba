"""What is sent at no charge instead of goods that came back or were claimed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

RETURN: Final = "return"
CLAIM: Final = "claim"

SOURCE: Final = "exchange"  # of the order
PRICE: Final = "exchange"  # the kind of its prices' source


@dataclass(frozen=True, slots=True)
class Origin:
    """The return or claim for which something is sent."""

    kind: str
    id: str
    number: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many are to be sent instead of a line, by now; `sku` where it is another article."""

    line_id: str
    quantity: int
    sku: str | None


def missing(wanted: Iterable[Wanted], ordered: Mapping[str, int]) -> list[Wanted]:
    """What of it is not ordered yet."""
    left = [Wanted(one.line_id, one.quantity - ordered.get(one.line_id, 0), one.sku) for one in wanted]
    return [one for one in left if one.quantity > 0]
