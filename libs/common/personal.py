"""Personal values in event data: found by `x-personal` in the schema of the type, and replaced by what still fits it.

Two depths. *Whole*: every personal value of the event. *Mentions*: an event that is about something else keeps its own
values and loses those that belong to an erased id: a nested object that names it (`{"account_id": …, "username": …}`),
a label that stands beside it (`requester_label` beside `requester_id`), a change whose `path` names it, and the frozen
label of a change that refers to it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

MARKER = "[erased]"

# Texts of a form that says nothing, for values that may not be null.
_FORMATS = {
    "email": "erased@erased.invalid",
    "uri": "https://erased.invalid/",
    "date": "0001-01-01",
    "date-time": "0001-01-01T00:00:00Z",
}
_LABELS = {"before": "before_label", "after": "after_label"}
_BRANCHES = ("anyOf", "oneOf", "allOf")

Schema = Mapping[str, Any]


class CannotErase(ValueError):
    """A personal value has a schema that no neutral value fits; its author must allow one."""


class Personal:
    """The personal values of one event type, by its schema."""

    def __init__(self, event_type: str, schema: Schema) -> None:
        self._type = event_type
        self._schema = schema
        self._fits: dict[tuple[int, str], bool] = {}

    def erase(self, data: Mapping[str, Any], ids: Collection[str], *, whole: bool) -> dict[str, Any]:
        """The data without its personal values, or where not `whole` without those that belong to one of `ids`. What is
        erased already stays as it is. Raises CannotErase."""
        erased: dict[str, Any] = self._value([self._schema], data, ids, whole, "")
        return erased

    def _value(self, schemas: Sequence[Schema], value: Any, ids: Collection[str], blank: bool, place: str) -> Any:
        found = list(self._resolved(schemas))
        if blank and any(schema.get("x-personal") for schema in found):
            return self._neutral(found, value, place)
        if isinstance(value, Mapping):
            return self._object(found, value, ids, blank, place)
        if isinstance(value, list):
            items = [schema["items"] for schema in found if isinstance(schema.get("items"), Mapping)]
            return [self._value(items, item, ids, blank, f"{place}/{number}") for number, item in enumerate(value)]
        return value

    def _object(
        self, schemas: Sequence[Schema], value: Mapping[str, Any], ids: Collection[str], blank: bool, place: str
    ) -> dict[str, Any]:
        labels: set[str] = set()
        if not blank and place:
            if "path" in value and "before" in value:
                blank = not set(ids).isdisjoint(str(value["path"]).split("/"))
                labels = {label for side, label in _LABELS.items() if _is_one_of(value.get(side), ids)}
            else:
                blank = any(_is_one_of(member, ids) for member in value.values())
        if not blank:
            labels |= set(_labels_of(value, ids))
        return {
            name: self._value(_members(schemas, name), member, ids, blank or name in labels, f"{place}/{name}")
            for name, member in value.items()
        }

    def _resolved(self, schemas: Sequence[Schema]) -> Iterator[Schema]:
        for schema in schemas:
            yield schema
            if "$ref" in schema:
                yield from self._resolved([self._definition(schema["$ref"])])
            for branch in _BRANCHES:
                yield from self._resolved(schema.get(branch, ()))

    def _definition(self, reference: str) -> Schema:
        schema = self._schema
        for part in reference.removeprefix("#/").split("/"):
            schema = schema[part]
        return schema

    def _neutral(self, schemas: Sequence[Schema], value: Any, place: str) -> Any:
        if value is None or value in ("", [], {}):
            return value
        for candidate in _candidates(schemas, value):
            if all(self._allows(schema, candidate) for schema in schemas if not _is_branch_of(schema, schemas)):
                return candidate
        raise CannotErase(f"{self._type}: {place}: no neutral value fits the schema")

    def _allows(self, schema: Schema, candidate: Any) -> bool:
        key = id(schema), repr(candidate)
        if key not in self._fits:
            alone = {**schema, "$defs": self._schema.get("$defs", {})}
            self._fits[key] = bool(jsonschema_rs.validator_for(alone, validate_formats=True).is_valid(candidate))
        return self._fits[key]


def _labels_of(value: Mapping[str, Any], ids: Collection[str]) -> Iterator[str]:
    """The labels in an object that belong to one of the ids: `requester_label` beside `requester_id`, and `owner_label`
    beside `owner`, which may be an actor (`portal:<id>`)."""
    for name in value:
        if name.endswith("_label"):
            whose = name.removesuffix("_label")
            for sibling in (value.get(f"{whose}_id"), value.get(whose)):
                if isinstance(sibling, str) and sibling.rpartition(":")[2] in ids:
                    yield name


def _members(schemas: Sequence[Schema], name: str) -> list[Schema]:
    found = []
    for schema in schemas:
        member = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        if isinstance(member, Mapping):
            found.append(member)
    return found


def _candidates(schemas: Sequence[Schema], value: Any) -> Iterator[Any]:
    longest = min((schema["maxLength"] for schema in schemas if "maxLength" in schema), default=len(MARKER))
    shortest = max((schema.get("minLength", 0) for schema in schemas), default=0)
    text = MARKER[:longest].ljust(shortest, "-")
    same_type: dict[type, Any] = {str: text, list: [], dict: {}, bool: False, int: 0, float: 0}
    yield same_type.get(type(value), text)
    yield from (text, None, *(_FORMATS[schema["format"]] for schema in schemas if schema.get("format") in _FORMATS))
    yield from ([], {}, 0, False)


def _is_branch_of(schema: Schema, schemas: Sequence[Schema]) -> bool:
    """Whether another of them holds it as one of its alternatives, so that it need not be fulfilled by itself."""
    return any(schema is member for other in schemas for branch in _BRANCHES[:2] for member in other.get(branch, ()))


def _is_one_of(value: Any, ids: Collection[str]) -> bool:
    return isinstance(value, str) and value in ids
