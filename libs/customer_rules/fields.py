"""What a rule may speak of: the fields that a caller offers, each with a type that decides which operators it has."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from customer_rules.folding import fold

Type = Literal["text", "choice", "number", "boolean", "date", "datetime"]

_TEXT = ("eq", "ne", "in", "nin", "contains", "starts_with", "ends_with", "matches_word")
_TIME = ("before", "after", "on", "between", "within_last", "within_next", "this", "last", "anniversary")
_SET = ("is_set", "is_not_set")

OPERATORS: Final[Mapping[Type, tuple[str, ...]]] = {
    "text": (*_TEXT, *_SET),
    "choice": ("eq", "ne", "in", "nin", *_SET),
    "number": ("eq", "ne", "in", "nin", "lt", "lte", "gt", "gte", "between", *_SET),
    "boolean": ("eq", "ne", *_SET),
    "date": (*_TIME, *_SET),
    "datetime": (*_TIME, *_SET),
}
SEVERAL: Final = ("any_of", "all_of", "none_of", *_SET)


@dataclass(frozen=True)
class Field:
    """`path` leads to the value in a record; with `related` it starts in each entry of that list of the record, and the
    leaf has a quantifier. `many` says that the value is a list; a single text, from before the field took
    several, is a list of one. `choices` maps each allowed value to its label, by
    which a person may name it too. `default` counts where a record has none. `words` lets the bare words of the text
    form be looked for here."""

    name: str
    label: str
    type: Type
    path: tuple[str, ...] = ()
    many: bool = False
    related: str = ""
    choices: Mapping[str, str] | None = None
    default: Any = None
    words: bool = False

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that this field has."""
        return SEVERAL if self.many and self.type == "choice" else OPERATORS[self.type]

    def values(self, record: Mapping[str, Any]) -> list[Any]:
        """What a record, or an entry of a related list, has here: none, one or several values."""
        value: Any = record
        for step in self.path or (self.name,):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is None:
            value = self.default
        if self.many:
            several = [value] if isinstance(value, str) else value
            return [each for each in several if each is not None] if isinstance(several, list | tuple) else []
        return [] if value is None else [value]

    def choice(self, text: str) -> str | None:
        """The choice that is named by its value or, where only one has it, by its label."""
        if self.choices is None or text in self.choices:
            return text
        found = self._by_label.get(fold(text), ())
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_label(self) -> Mapping[str, list[str]]:
        named: dict[str, list[str]] = {}
        for value, label in (self.choices or {}).items():
            named.setdefault(fold(label), []).append(value)
        return named


class Fields(Mapping[str, Field]):
    """The fields of one kind of record, by name."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = {field.name: field for field in fields}

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def for_words(self) -> list[Field]:
        """Where the bare words of the text form are looked for."""
        return [field for field in self._fields.values() if field.words]
