"""A schema may only grow: the check refuses what would break somebody, and this branch passes it."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from contracts import history
from contracts.compatibility import breaks
from inventory import ROOT

OLD: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status", "emails"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "status": {"enum": ["active", "archived"]},
        "name": {"type": ["string", "null"], "maxLength": 200, "x-personal": True},
        "emails": {"type": "array", "items": {"$ref": "#/$defs/email"}},
    },
    "$defs": {
        "email": {
            "type": "object",
            "required": ["address"],
            "properties": {"address": {"type": "string"}, "label": {"type": "string"}},
        }
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """OLD with the value at a path replaced; None removes it."""
    schema = copy.deepcopy(OLD)
    *parents, last = path.split("/")
    place = schema
    for part in parents:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return schema


BREAKING = {
    "a property removed": changed("properties/name", None),
    "a property deep inside removed": changed("$defs/email/properties/label", None),
    "a property retyped": changed("properties/name/type", "string"),
    "a type deep inside changed": changed("$defs/email/properties/address/type", "integer"),
    "an optional property made required": changed("required", ["id", "status", "emails", "name"]),
    "a new required property": changed("$defs/email/required", ["address", "kind"]),
    "a required property made optional": changed("required", ["id", "status"]),
    "a value of an enumeration removed": changed("properties/status", {"enum": ["active"]}),
    "an enumeration where anything was allowed": changed("properties/id/enum", ["one"]),
    "an enumeration dropped": changed("properties/status", {"type": "string"}),
    "a shorter limit": changed("properties/name/maxLength", 100),
    "a limit where none was": changed("properties/emails/maxItems", 3),
    "another format": changed("properties/id/format", "uri"),
    "further properties refused": changed("$defs/email/additionalProperties", False),
    "items no longer described": changed("properties/emails/items", None),
    "a personal property no longer marked": changed("properties/name/x-personal", None),
}

ALLOWED = {
    "nothing changed": OLD,
    "a new optional property": changed("properties/title", {"type": "string"}),
    "a new optional property deep inside": changed("$defs/email/properties/kind", {"type": "string"}),
    "one more value of an enumeration": changed("properties/status", {"enum": ["active", "archived", "closed"]}),
    "a longer limit": changed("properties/name/maxLength", 300),
    "a property marked as personal": changed("$defs/email/properties/address", {"type": "string", "x-personal": True}),
    "a description": changed("properties/id/description", "of the customer"),
}


@pytest.mark.parametrize("what", BREAKING)
def test_a_breaking_change_is_refused(what: str) -> None:
    assert breaks(OLD, BREAKING[what]) != []


@pytest.mark.parametrize("what", ALLOWED)
def test_an_addition_is_allowed(what: str) -> None:
    assert breaks(OLD, ALLOWED[what]) == []


def test_this_branch_breaks_no_contract(record_property) -> None:
    base = history.base()
    record_property("base", base.commit if base else "none: there is no earlier commit to compare with")
    assert _broken(base) == {}


def _broken(base: history.Base | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, old in (base.files if base else {}).items():
        now = ROOT / path
        folder = now.parents[1] if now.parent.name in {"examples", "consumers"} else now.parent
        if now.name == "schema.json":
            problems = breaks(old, _read(now)) if now.exists() else ["the event type was removed"]
        elif now.parent.name == "examples" and (folder / "schema.json").exists():
            validator = jsonschema_rs.validator_for(_read(folder / "schema.json"))
            problems = [error.message for error in validator.iter_errors(old["data"])]
        elif now.parent.name == "consumers" and now.exists():
            validator = jsonschema_rs.validator_for(old)
            new_examples = [_read(example) for example in sorted((folder / "examples").glob("*.json"))]
            problems = [error.message for example in new_examples for error in validator.iter_errors(example["data"])]
        else:
            problems = []
        if problems:
            found[path] = problems
    return found


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())
