"""The fields of one record: a change put onto what is kept, and what it changed as the timeline shows it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import FieldError
from customer.domain.changes import Change
from customer.domain.fields.values import Checks, Field, Wrong, labels, read, widened
from customer.errors.custom_fields import ValuesInvalid

Fields = Mapping[str, Field]  # the present ones, by key in their order
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """A record that a value names and that must be there: `to` is customer or contact."""

    pointer: str
    to: str
    id: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The values of a record after a change, and the records that the change names."""

    values: dict[str, Any]
    references: list[Reference]


def applies(field: Field, customer: Mapping[str, Any] | None) -> bool:
    """Whether a field is for this customer or its contacts; a property has no customer of its own."""
    condition = field.get("condition")
    if not condition or customer is None:
        return True
    kinds, groups = condition.get("kinds"), condition.get("group_ids")
    return (not kinds or customer["kind"] in kinds) and (not groups or customer["group_id"] in groups)


def start(
    fields: Fields,
    given: Values,
    checks: Checks,
    *,
    pointer: str,
    suits: Callable[[Field], bool] = lambda _field: True,
) -> Merged:
    """The values of a new record: what is given, and the defaults of what is not. Raises ValuesInvalid."""
    defaults = {
        key: field["default"]
        for key, field in fields.items()
        if field.get("default") is not None and key not in given and suits(field)
    }
    return merge(fields, defaults, given, checks, pointer=pointer, suits=suits)


def merge(
    fields: Fields,
    present: Values,
    patch: Values,
    checks: Checks,
    *,
    pointer: str,
    suits: Callable[[Field], bool] = lambda _field: True,
) -> Merged:
    """What is kept after a merge patch: null clears, what is not named stays. A required field must be there once
    somebody edits the fields; until then a record that is older than the rule is left alone. Values of archived fields
    stay, unseen. Raises ValuesInvalid with a JSON pointer for each problem."""
    values = brought_up(fields, present)
    references: list[Reference] = []
    problems: dict[str, FieldError] = {}
    for key, value in patch.items():
        place = f"{pointer}/{_escaped(key)}"
        field = fields.get(key)
        if field is None:
            problems[key[:80]] = FieldError(place, f"There is no field {key[:80]}.", "unknown_field")
            continue
        try:
            _put(values, field, key, value, checks, suits)
        except Wrong as wrong:
            problems[key] = FieldError(place, str(wrong))
            continue
        if field["type"] == "reference" and key in values:
            references.append(Reference(place, field["to"], values[key]))
    for key, field in fields.items():
        if field["required"] and key not in values and key not in problems and suits(field):
            problems[key] = FieldError(f"{pointer}/{key}", f"{field['label']} is required.", "required")
    if problems:
        named = ", ".join(problems)[:500]
        raise ValuesInvalid(f"Correct {named} and send the request again.", errors=list(problems.values())[:100])
    return Merged(values, references)


def brought_up(fields: Fields, present: Values) -> dict[str, Any]:
    """Kept values in the form of today's types."""
    return {key: widened(fields[key], value) if key in fields else value for key, value in present.items()}


def shown(fields: Fields, present: Values) -> dict[str, Any]:
    """The values that may be shown: those whose fields are there, in the order of the fields."""
    return {key: widened(field, present[key]) for key, field in fields.items() if key in present}


def changes(
    fields: Fields, before: Values, after: Values, names: Mapping[str, str], *, prefix: str = "cf."
) -> list[Change]:
    """One entry for each field whose value differs, with the labels of options and references frozen as they are now.
    The values of personal fields stay out of it: the entry says only that they changed."""
    differing: list[Change] = []
    for key, field in fields.items():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        change: Change = {"path": f"{prefix}{key}", "label": field["label"], "before": None, "after": None}
        if not field["personal"]:
            change |= {"before": old, "after": new}
            if field["type"] in {"select", "multi_select", "reference"}:
                change |= {"before_label": labels(field, old, names), "after_label": labels(field, new, names)}
        differing.append(change)
    return differing


def referred(fields: Fields, *values: Values) -> set[str]:
    """The ids that the references among values hold."""
    kept: Iterable[Any] = (
        each[key] for key, field in fields.items() if field["type"] == "reference" for each in values if key in each
    )
    return set(kept)


def _put(
    values: dict[str, Any], field: Field, key: str, value: Any, checks: Checks, suits: Callable[[Field], bool]
) -> None:
    if field["type"] == "auto_number":
        if value != values.get(key):
            raise Wrong("Is given by itself and cannot be set.")
        return
    if value is None or (isinstance(value, str) and not value.strip()):
        values.pop(key, None)
        return
    if not suits(field):
        raise Wrong(f"{field['label']} does not apply to this kind or group of customer.")
    kept = read(field, value, checks, values.get(key))
    if kept is None:
        values.pop(key, None)
    else:
        values[key] = kept


def _escaped(key: str) -> str:
    return key[:80].replace("~", "~0").replace("/", "~1")
