"""Every event type has its folder, every reader its file, and the examples fit both."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from common.beat import BEAT
from common.contracts import Contracts
from common.envelope import dataschema, from_document, to_document
from inventory import ROOT, packages

CONTRACTS = Contracts(ROOT / "contracts")
SERVICES = packages()
ENVELOPE = ROOT / "contracts" / "envelope.schema.json"
# The relays' heartbeat goes beside outbox and inbox.
PUBLISHED = sorted({event_type for package in SERVICES for event_type in package.publishes} | {BEAT})


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def examples(event_type: str) -> dict[str, Any]:
    return {path.name: read(path) for path in sorted((CONTRACTS.event_folder(event_type) / "examples").glob("*.json"))}


def consumer_files() -> Iterator[tuple[str, str]]:
    for event_type in CONTRACTS.types:
        for consumer in sorted(CONTRACTS.consumers_of(event_type)):
            yield event_type, consumer


each_type = pytest.mark.parametrize("event_type", CONTRACTS.types)
each_consumer = pytest.mark.parametrize(("event_type", "consumer"), list(consumer_files()))


def test_every_published_type_has_a_folder_and_every_folder_a_producer() -> None:
    assert sorted(CONTRACTS.types) == PUBLISHED


@pytest.mark.parametrize("package", SERVICES, ids=lambda package: package.name)
def test_a_service_publishes_only_in_its_own_name(package) -> None:
    assert [each for each in package.publishes if not each.startswith(f"{package.name}.")] == []


@pytest.mark.parametrize("package", SERVICES, ids=lambda package: package.name)
def test_handlers_and_consumer_files_name_the_same_types(package) -> None:
    handled = set(package.handlers) | ({BEAT} if package.built.on_beat else set())
    assert sorted(handled) == sorted(CONTRACTS.consumed_by(package.name))


@each_type
def test_there_are_a_usual_and_a_minimal_example(event_type: str) -> None:
    assert len(examples(event_type)) >= 2


@each_type
def test_examples_are_whole_envelopes(event_type: str) -> None:
    envelope = jsonschema_rs.validator_for(read(ENVELOPE))
    for name, document in examples(event_type).items():
        problems = [error.message for error in envelope.iter_errors(document)]
        assert problems == [], name
        assert document["type"] == event_type, name
        assert document["dataschema"] == dataschema(event_type), name
        event = from_document(document)
        assert from_document(to_document(event)) == event, f"{name} does not survive writing and reading"


@each_type
def test_examples_fit_the_schema(event_type: str) -> None:
    schema = jsonschema_rs.validator_for(CONTRACTS.schema(event_type), validate_formats=True)
    for name, document in examples(event_type).items():
        assert [f"{error.instance_path}: {error.message}" for error in schema.iter_errors(document["data"])] == [], name


@each_type
def test_the_schema_describes_a_closed_object(event_type: str) -> None:
    schema = CONTRACTS.schema(event_type)
    assert schema["type"] == "object"
    assert schema.get("additionalProperties") is False, "a producer may not emit what the schema does not name"


@each_consumer
def test_examples_fit_what_the_consumer_reads(event_type: str, consumer: str) -> None:
    path = CONTRACTS.event_folder(event_type) / "consumers" / f"{consumer}.json"
    reader = jsonschema_rs.validator_for(read(path), validate_formats=True)
    for name, document in examples(event_type).items():
        problems = [f"{error.instance_path}: {error.message}" for error in reader.iter_errors(document["data"])]
        assert problems == [], name


@each_consumer
def test_a_consumer_names_only_what_the_producer_declares(event_type: str, consumer: str) -> None:
    path = CONTRACTS.event_folder(event_type) / "consumers" / f"{consumer}.json"
    read_by = read(path)
    assert read_by.get("additionalProperties", True) is not False, "what a consumer does not read may be there"
    assert set(read_by.get("properties", {})) <= set(CONTRACTS.schema(event_type)["properties"])


def test_every_consumer_is_a_service() -> None:
    assert {consumer for _, consumer in consumer_files()} <= {package.name for package in SERVICES}
