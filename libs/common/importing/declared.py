"""A type of import whose row a marshmallow schema describes: most need no more than that and what to do with rows.

A field of the schema names further headings in its metadata (`headings="article code"`), whether a cell may erase it
(`clearable=True`), and says by `required=True` that a new thing must have it.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from marshmallow import Schema, ValidationError
from sqlalchemy.orm import Session

from common.errors import Refusal
from common.importing.files import Raw
from common.importing.headings import key_of
from common.importing.kinds import Kind, Options, Outcome
from common.importing.rows import Problem, Reader, Row, RowRefused

Decision = Literal["created", "updated", "unchanged"]

_LONGEST = 4_000


class DeclaredKind(Kind):
    """`schema` describes a row; every row has the fields in `identity`, and no two rows of a file the same ones
    together with those in `also`, which may be empty or have `defaults`."""

    schema: ClassVar[type[Schema]]
    identity: ClassVar[tuple[str, ...]]
    also: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    def __init__(self) -> None:
        self._schema = self.schema()
        described = self._schema.fields
        self._headings = {name: name for name in described}
        for name, field in described.items():
            for heading in field.metadata.get("headings", "").split():
                self._headings.setdefault(heading, name)
        self._lengths = {name: field.metadata.get("maxLength", _LONGEST) for name, field in described.items()}
        self._clearable = {name for name, field in described.items() if field.metadata.get("clearable")}
        self._required = [name for name, field in described.items() if field.required]

    def __init_subclass__(cls) -> None:
        cls.fields = tuple(cls.schema._declared_fields)  # what marshmallow knows without an instance

    @abstractmethod
    def apply(self, session: Session, rows: Sequence[Row], options: Options) -> Outcome: ...

    def field_of(self, heading: str) -> str | None:
        return self._headings.get(key_of(heading))

    def lacking(self, fields: Sequence[str | None], options: Options) -> str:
        needed = (*self.identity, *self._required) if options.mode == "create" else self.identity
        return " and ".join(dict.fromkeys(name for name in needed if name not in fields))

    def reader(self, columns: Sequence[str], fields: Sequence[str | None], _options: Options) -> Reader:
        return _SchemaReader(self, columns, fields)

    def refuse_incomplete(self, row: Row) -> None:
        """Raises RowRefused where a new thing lacks what it must have."""
        missing = [name for name in self._required if row.values.get(name) is None]
        if missing:
            raise RowRefused("missing", f"A new row needs {' and '.join(missing)}, which the row leaves empty.")

    def load(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a row that are there; raises ValidationError."""
        loaded: dict[str, Any] = self._schema.load(values, partial=True)
        return loaded

    def clearable(self, name: str) -> bool:
        """Whether a cell may erase the field."""
        return name in self._clearable

    def length_of(self, name: str) -> int:
        """How many characters a cell of the field may have."""
        return int(self._lengths[name])


def decide_each(rows: Sequence[Row], decide: Callable[[Row], Decision]) -> Outcome:
    """What becomes of each row, in their order; one that `decide` refuses costs no other."""
    outcome = Outcome()
    for row in rows:
        try:
            decision = decide(row)
        except RowRefused as refused:
            outcome.refused.append((row, [refused.problem]))
        except Refusal as refusal:
            outcome.refused.append((row, [(refusal.code.rpartition(".")[2], refusal.detail)]))
        else:
            setattr(outcome, decision, getattr(outcome, decision) + 1)
    return outcome


def check_mode(options: Options, what: str, *, stored: bool) -> None:
    """Raises RowRefused where the mode does not allow what the row would do."""
    if stored and options.mode == "create":
        raise RowRefused("exists", f"{what} is there already.")
    if not stored and options.mode == "update":
        raise RowRefused("not_found", f"There is no {what[0].lower()}{what[1:]} to update.")


class _SchemaReader(Reader):
    """Cells by a schema: each problem under the name of its field."""

    def __init__(self, kind: DeclaredKind, columns: Sequence[str], fields: Sequence[str | None]) -> None:
        super().__init__(columns, fields, kind.length_of, kind.clearable)
        self._kind = kind
        self._column = {field: column for column, field in zip(columns, fields, strict=True) if field}

    def check(self, values: dict[str, Any], problems: list[Problem]) -> None:
        try:
            loaded = self._kind.load(values)
        except ValidationError as error:
            for name, told in error.messages_dict.items():
                problems.append((name, f"{self._column.get(name, name)}: {_words(told)}"))
            return
        values.update(loaded)
        if not problems:
            problems += [
                ("missing", f"{self._column.get(name, name)}: is missing, and rows are known by it.")
                for name in self._kind.identity
                if values.get(name) is None
            ]

    def row(self, place: int, raw: Raw, values: dict[str, Any], cleared: Collection[str]) -> Row:
        values = {**self._kind.defaults, **values}
        known = [str(values.get(name, "")) for name in (*self._kind.identity, *self._kind.also)]
        return Row(place, raw, values, frozenset(cleared), ["\x1f".join(known)])


def _words(told: Any) -> str:
    if isinstance(told, dict):
        return " ".join(_words(part) for part in told.values())
    return " ".join(told) if isinstance(told, list) else str(told)
