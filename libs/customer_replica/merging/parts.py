"""How the rows of each table follow their customer into another one: declared by a service, one part per table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from common.outbox import Draft


@dataclass(frozen=True, slots=True)
class Moved:
    """A row that now belongs to another customer."""

    id: str
    before: str
    after: str


Tell = Callable[[Session, Sequence[Moved]], Iterable[Draft]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """The rows of a table that repeat the customer of the row that `by` names. Where `tell` drafts events of them, they
    have the columns `version` and `updated_at`. `key` is needed where there is a `tell` or something `below`."""

    table: str
    by: str
    key: str = "id"
    column: str = "customer_id"
    tell: Tell | None = None
    below: tuple["Below", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of a table that belong to a customer by `column`; `where` (on `t`) says which.

    `unique` names the columns by which a customer has at most one such row (none of them: one at all), where two nulls
    are the same if `nulls_clash`. A row for which
    the new customer has one already stays with the former customer; or it moves with the columns in `adjusted`
    changed, where that names any: SQL on the row `m`. They come back with an undo unless they were changed since. What
    moves is told by `tell` as its next version; without, it moves silently, and its next event tells."""

    table: str
    column: str = "customer_id"
    key: str = "id"
    where: str = "true"
    unique: tuple[str, ...] | None = None
    nulls_clash: bool = False
    adjusted: Mapping[str, str] = field(default_factory=dict)
    tell: Tell | None = None
    below: tuple[Below, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in the notes of a merge."""
        return f"{self.table}.{self.column}"

    @property
    def stays(self) -> bool:
        """Whether a row that clashes stays behind."""
        return self.unique is not None and not self.adjusted


def customer_change(moved: Moved) -> dict[str, Any]:
    """The change that tells others to whom a record belongs now, and to whom it did."""
    return {"path": "customer", "label": "Customer", "before": moved.before, "after": moved.after}


def columns_of(parts: Iterable[Part | Below]) -> set[tuple[str, str]]:
    """Every table and column that follows a customer by these parts."""
    found: set[tuple[str, str]] = set()
    for part in parts:
        found |= {(part.table, part.column)} | columns_of(part.below)
    return found
