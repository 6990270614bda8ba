"""What a leaf asks of a value, reduced to a few predicates: evaluation and a database's conditions both start here, so
that they cannot read an operator in two ways."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from customer_rules.folding import fold
from customer_rules.moments import When, anniversaries, bounds
from customer_rules.tree import NEGATIVE, Leaf


@dataclass(frozen=True, slots=True)
class Present:
    """There is a value."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value, folded first where these are folded texts, is one of these."""

    values: tuple[Any, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of these is among the values."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The folded text has this at a place; as a `word` it stands by itself."""

    place: Literal["anywhere", "start", "end", "word"]
    text: str


@dataclass(frozen=True, slots=True)
class Within:
    """Not less than `low` and less than `high`, or also equal to it; None where there is no such end."""

    low: Any
    high: Any
    with_low: bool = True
    with_high: bool = False


@dataclass(frozen=True, slots=True)
class Anniversary:
    """The day's month and day are among these, and it is before today, as seen in the time zone."""

    days: frozenset[tuple[int, int]]
    today: date
    zone: ZoneInfo


Predicate = Present | OneOf | AllOf | Part | Within | Anniversary

_PLACES: dict[str, Literal["anywhere", "start", "end", "word"]] = {
    "contains": "anywhere",
    "starts_with": "start",
    "ends_with": "end",
    "matches_word": "word",
}


def predicate(leaf: Leaf, when: When) -> tuple[Predicate, bool]:
    """What must hold of at least one value, and whether the leaf is true where that does not hold."""
    return _positive(leaf, when), leaf.op in NEGATIVE


def counted(op: str, numbers: tuple[Decimal, ...]) -> tuple[Predicate, bool]:
    """The same for the number of related entries."""
    if op in {"eq", "ne"}:
        return OneOf(numbers), op == "ne"
    return _compared(op, numbers), False


def _positive(leaf: Leaf, when: When) -> Predicate:
    op, value, kind = leaf.op, leaf.value, leaf.field.type
    if op in {"is_set", "is_not_set"}:
        return Present()
    if op in _PLACES:
        return Part(_PLACES[op], fold(value))
    if op == "all_of":
        return AllOf(value)
    if op in {"eq", "ne", "in", "nin", "any_of", "none_of"}:
        values = value if isinstance(value, tuple) else (value,)
        return OneOf(tuple(map(fold, values)), folded=True) if kind == "text" else OneOf(values)
    if op == "anniversary":
        return Anniversary(anniversaries(value, when), when.today, when.zone)
    if kind == "date" or kind == "datetime":
        return Within(*bounds(kind, op, value, when))
    return _compared(op, value if op == "between" else (value,))


def _compared(op: str, numbers: tuple[Decimal, ...]) -> Predicate:
    if op == "between":
        return Within(numbers[0], numbers[1], with_high=True)
    if op in {"lt", "lte"}:
        return Within(None, numbers[0], with_high=op == "lte")
    return Within(numbers[0], None, with_low=op == "gte")
