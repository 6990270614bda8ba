"""Personal values leave an event, and nothing else does; what is left fits every schema that there is."""

import json
from pathlib import Path
from typing import Any

import pytest

from common.contracts import Contracts
from common.envelope import from_document
from common.erasure import Erasure, erased_event
from common.personal import MARKER, CannotErase, Personal

ROOT = Path(__file__).parents[3]
CONTRACTS = Contracts(ROOT / "contracts")
EXAMPLES = sorted((ROOT / "contracts" / "events").glob("*/v*/examples/*.json"))

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string", "minLength": 1, "x-personal": True},
        "code": {"type": "string", "maxLength": 3, "x-personal": True},
        "born": {"type": ["string", "null"], "format": "date", "x-personal": True},
        "score": {"type": "integer", "x-personal": True},
        "mail": {"type": "string", "format": "email", "x-personal": True},
        "fields": {"type": "object", "x-personal": True},
        "kind": {"enum": ["a", "b"]},
        "people": {"type": "array", "items": {"$ref": "#/$defs/person"}},
        "login": {"anyOf": [{"$ref": "#/$defs/person"}, {"type": "null"}]},
        "changes": {"type": "array", "items": {"$ref": "#/$defs/change"}},
    },
    "$defs": {
        "person": {
            "type": "object",
            "properties": {"account_id": {"type": "string"}, "name": {"type": "string", "x-personal": True}},
        },
        "change": {
            "type": "object",
            "properties": {
                "path": {"type": "string"},
                "label": {"type": "string", "x-personal": True},
                "before": {"x-personal": True},
                "after": {"x-personal": True},
                "before_label": {"type": ["string", "null"], "x-personal": True},
                "after_label": {"type": ["string", "null"], "x-personal": True},
            },
        },
    },
}
PERSONAL = Personal("sample.person.changed.v1", SCHEMA)


def change(path: str, before: Any, after: Any, **labels: Any) -> dict[str, Any]:
    return {"path": path, "label": path, "before": before, "after": after} | labels


def test_a_whole_event_keeps_ids_and_structure_and_loses_every_personal_value() -> None:
    data = {
        "id": "1",
        "name": "Ada",
        "code": "XYZ",
        "born": "1815-12-10",
        "score": 7,
        "mail": "ada@example.test",
        "fields": {"size": "L"},
        "kind": "a",
        "people": [{"account_id": "2", "name": "Bob"}],
        "login": {"account_id": "3", "name": "Eve"},
        "changes": [change("name", None, "Ada")],
    }
    assert PERSONAL.erase(data, [], whole=True) == {
        "id": "1",
        "name": MARKER,
        "code": MARKER[:3],
        "born": None,
        "score": 0,
        "mail": "erased@erased.invalid",
        "fields": {},
        "kind": "a",
        "people": [{"account_id": "2", "name": MARKER}],
        "login": {"account_id": "3", "name": MARKER},
        "changes": [{"path": "name", "label": MARKER, "before": None, "after": MARKER}],
    }


def test_erasing_twice_is_erasing_once() -> None:
    data = {"id": "1", "name": "Ada", "code": "XYZ", "changes": [change("name", "A", "B")]}
    once = PERSONAL.erase(data, [], whole=True)
    assert PERSONAL.erase(once, [], whole=True) == once


def test_another_event_loses_only_what_mentions_the_erased_one() -> None:
    data = {
        "id": "1",
        "name": "Ada",
        "people": [{"account_id": "2", "name": "Bob"}, {"account_id": "3", "name": "Eve"}],
        "login": {"account_id": "2", "name": "Bob"},
        "changes": [
            change("primary", "2", "3", before_label="Bob", after_label="Eve"),
            change("people/2/name", "Rob", "Bob"),
            change("name", "Lady Ada", "Ada"),
        ],
    }
    left = PERSONAL.erase(data, {"2"}, whole=False)
    assert left["name"] == "Ada"
    assert [person["name"] for person in left["people"]] == [MARKER, "Eve"]
    assert left["login"] == {"account_id": "2", "name": MARKER}
    assert left["changes"] == [
        change("primary", "2", "3", before_label=MARKER, after_label="Eve"),
        {"path": "people/2/name", "label": MARKER, "before": MARKER, "after": MARKER},
        change("name", "Lady Ada", "Ada"),
    ]


def test_a_value_that_nothing_neutral_fits_is_named() -> None:
    schema = {"type": "object", "properties": {"size": {"enum": ["S", "L"], "x-personal": True}}}
    with pytest.raises(CannotErase, match=r"sample\.v1: /size"):
        Personal("sample.v1", schema).erase({"size": "L"}, [], whole=True)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_every_event_can_be_erased_and_still_fits_its_schema(path: Path) -> None:
    event = from_document(json.loads(path.read_text()))
    erased = erased_event(CONTRACTS, event, Erasure(event.partition_key, frozenset(), everything=True))
    CONTRACTS.check(erased.type, erased.data)
    assert (erased.id, erased.subject, erased.version, erased.time) == (
        event.id,
        event.subject,
        event.version,
        event.time,
    )
    assert erased_event(CONTRACTS, erased, Erasure(event.partition_key, frozenset(), everything=True)) is erased


def test_a_label_goes_with_the_id_that_stands_beside_it_also_at_the_top() -> None:
    label = {"type": ["string", "null"], "x-personal": True}
    names = ("requester_label", "owner_label", "note_label", "delegate_label")
    personal = Personal("sample.order.placed.v1", {"type": "object", "properties": dict.fromkeys(names, label)})
    data = {
        "requester_id": "a1",
        "requester_label": "Ann",
        "owner": "portal:a1",
        "owner_label": "Ann",
        "delegate_id": "b2",
        "delegate_label": "Ben",
        "note_label": "Ann",
    }
    erased = personal.erase(data, {"a1"}, whole=False)
    assert erased == data | {"requester_label": MARKER, "owner_label": MARKER}
    assert personal.erase(data, {"c3"}, whole=False) == data
