"""What a service says of each type of import, and the types of a service put together."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from common.errors import Conflict, Invalid, NotFound, TooLarge
from common.importing.rows import Problem, Reader, Row
from common.importing.tables import imports

Record = dict[str, Any]

MODES: Final = ("create", "update", "upsert")
# Of these codes a refused row counts as a duplicate, of all others as invalid.
DUPLICATES: Final = frozenset({"duplicate_in_file", "exists"})


class Interfered(Exception):
    """Somebody was faster between the look and the write; the chunk is done again."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an import treats its rows."""

    import_id: str
    of: str
    mode: str
    match: str
    dry_run: bool


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a chunk. `more` is what else the service counts, by the column of `imports`."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[tuple[Row, list[Problem]]] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)


class Kind(ABC):
    """One type of import. `fields` are what its rows may hold, `matches` by what they find what is stored (the first
    is used where the caller names none); `repeated` says in words what two rows of one key have in common."""

    name: ClassVar[str]
    permission: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    matches: ClassVar[tuple[str, ...]]
    repeated: ClassVar[str] = "key"

    @abstractmethod
    def field_of(self, heading: str) -> str | None:
        """The field that a heading names by itself, or None."""

    @abstractmethod
    def lacking(self, fields: Sequence[str | None], options: Options) -> str:
        """The fields without which a file cannot be imported, where it has no columns for them; in words."""

    @abstractmethod
    def reader(self, columns: Sequence[str], fields: Sequence[str | None], options: Options) -> Reader:
        """Checks the rows of a file with these columns."""

    @abstractmethod
    def apply(self, session: Session, rows: Sequence[Row], options: Options) -> Outcome:
        """Decides the rows of a chunk, whose keys no earlier row of the file has, and writes them unless the run is
        dry. Reads and writes set by set; may raise Interfered."""

    def may_be_mapped(self, field: str) -> bool:
        """Whether a mapping may name the field."""
        return field in self.fields


@dataclass(frozen=True, slots=True)
class Refusals:
    """Why a service refuses an import as a whole, each with the service's own code."""

    options: type[Invalid]
    too_large: type[TooLarge]
    not_found: type[NotFound]
    unfinished: type[Conflict]


def shown(row: Mapping[Any, Any]) -> Record:
    """A row of `imports` as it is answered."""
    return dict(row) | {
        "progress": {"done": row["done"], "total": row["total"]},
        "counts": {name: row[name] for name in ("created", "updated", "unchanged", "duplicate", "invalid")},
        "error": {"code": row["error_code"], "detail": row["error_detail"]} if row["error_code"] else None,
    }


def nothing(_session: Session, _record: Record) -> None:
    """The end of an import needs no more."""


@dataclass(frozen=True, slots=True)
class Importing:
    """The imports of a service. `finished` runs in the transaction that ends one, completed or failed; `statement` and
    `shown` are for a service whose table has more columns than everybody's."""

    kinds: Mapping[str, Kind]
    refusals: Refusals
    finished: Callable[[Session, Record], None] = nothing
    statement: Select[Any] = field(default_factory=lambda: select(imports))
    shown: Callable[[Mapping[Any, Any]], Record] = shown


def importing(kinds: Sequence[Kind], refusals: Refusals, **more: Any) -> Importing:
    """Puts the types of a service together, each under its name."""
    return Importing({kind.name: kind for kind in kinds}, refusals, **more)
