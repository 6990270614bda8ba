"""A rule, read and checked: a tree of `all`, `any` and `not` over leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from customer_rules.fields import Field

Quantifier = Literal["any", "none", "count"]
Unit = Literal["hour", "day", "week", "month", "quarter", "year"]

MAX_DEPTH: Final = 6
MAX_LEAVES: Final = 50
MAX_VALUES: Final = 200
MAX_TEXT: Final = 500

# What is true now may be false tomorrow, though the record stays as it is.
RELATIVE: Final = frozenset({"within_last", "within_next", "this", "last", "anniversary"})
# What is true of a record without a value.
NEGATIVE: Final = frozenset({"ne", "nin", "none_of", "is_not_set"})


@dataclass(frozen=True, slots=True)
class Span:
    """A number of calendar units."""

    n: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Count:
    """How the number of related entries is compared; `value` holds two numbers for `between`."""

    op: str
    value: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison. `value` is canonical: a tuple for operators that take a list, None for those that take none."""

    field: Field
    op: str
    value: Any = None
    quantifier: Quantifier = "any"
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """True when all parts are; without parts it is true."""

    parts: Sequence["Node"]


@dataclass(frozen=True, slots=True)
class Some:
    """True when at least one part is."""

    parts: Sequence["Node"]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is not."""

    part: "Node"


Node = Leaf | Every | Some | Not


@dataclass(frozen=True, slots=True)
class Rule:
    """A whole rule; `document` is the JSON that says it, with choices by their values."""

    root: Node
    document: dict[str, Any]

    @property
    def field_names(self) -> frozenset[str]:
        """The fields that it speaks of."""
        return frozenset(leaf.field.name for leaf in leaves(self.root))

    @property
    def is_relative(self) -> bool:
        """Whether its answer may change by the mere passing of time."""
        return any(leaf.op in RELATIVE for leaf in leaves(self.root))


def leaves(node: Node) -> Iterator[Leaf]:
    """The comparisons below a node, from left to right."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        for part in node.parts:
            yield from leaves(part)
