"""Installed systems: the fields of their types, and what is told of a secret."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from common.errors import FieldError
from customer.domain.fields.definitions import MAX_FIELDS, define, redefine
from customer.domain.fields.values import Checks, Field
from customer.errors.custom_fields import DefinitionInvalid, ValuesInvalid

STATUSES: Final = ("active", "retired")
MAX_SYSTEMS: Final = 500
KEPT_REVISIONS: Final = 5
REVEALS_AN_HOUR: Final = 30
FRESH_SECONDS: Final = 600  # since the password or second factor was entered

TYPE_LABELS: Final = {"name": "Name", "fields": "Fields"}
SYSTEM_LABELS: Final = {"name": "Name", "status": "Status"}


def define_fields(bodies: Sequence[Mapping[str, Any]], checks: Checks, before: Sequence[Field] = ()) -> list[Field]:
    """The fields of a system type in their order. Those that were there and are not named any more, or named as
    archived, are archived: their values stay on the systems. Raises DefinitionInvalid."""
    known = {field["key"]: field for field in before}
    fields: dict[str, dict[str, Any]] = {}
    for place, body in enumerate(bodies):
        pointer = f"/fields/{place}"
        key = body["key"]
        if body.get("archived"):
            continue
        if key in fields:
            raise DefinitionInvalid(f"The field {key} comes twice.", errors=[FieldError(f"{pointer}/key", "Twice.")])
        there = known.get(key)
        definition = redefine(there, body, checks, pointer) if there else define(body, checks, pointer)
        fields[key] = {"key": key, **definition, "order": place, "archived": False}
    gone = [{**field, "archived": True} for key, field in known.items() if key not in fields]
    if len(fields) + len(gone) > MAX_FIELDS:
        raise DefinitionInvalid(f"A system type has at most {MAX_FIELDS} fields, with those archived.")
    return [*fields.values(), *gone]


def plain_fields(fields: Sequence[Field]) -> dict[str, Field]:
    """The fields whose values are shown, by key."""
    return {field["key"]: field for field in fields if not field["archived"] and field["type"] != "secret"}


def secret_fields(fields: Sequence[Field]) -> dict[str, Field]:
    """The fields whose values are sealed, by key."""
    return {field["key"]: field for field in fields if not field["archived"] and field["type"] == "secret"}


def refuse_secrets(fields: Sequence[Field], values: Mapping[str, Any]) -> None:
    """Raises ValuesInvalid where a secret comes among the plain values, where it would be kept in the open."""
    found = [key for key in secret_fields(fields) if values.get(key) is not None]
    if found:
        raise ValuesInvalid(
            f"{', '.join(found)}: store secrets by PUT …/systems/{{id}}/secrets/{{field}}, each by itself.",
            errors=[FieldError(f"/values/{key}", "Is a secret field.", "secret_field") for key in found],
        )


def shown_secrets(fields: Sequence[Field], kept: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What may be told of each secret field: whether, when and by whom it was set."""
    told: dict[str, Any] = {}
    for key in secret_fields(fields):
        entry = kept.get(key)
        told[key] = {"set": False, "revision": None, "updated_at": None, "updated_by": None, "age_days": None}
        if entry is not None:
            age = now - datetime.fromisoformat(entry["updated_at"])
            told[key] = {"set": True, **entry, "age_days": max(age.days, 0)}
    return told
