"""The catalogue of events: for people in contracts/README.md, for programs as AsyncAPI 3."""

from collections.abc import Sequence
from typing import Any

from common.beat import BEAT
from common.contracts import Contracts
from docs.tables import table
from inventory import Package


def producers(packages: Sequence[Package]) -> dict[str, str]:
    """Who publishes each type; the relays' heartbeat comes from everybody."""
    found = {event_type: package.name for package in packages for event_type in package.publishes}
    return found | {BEAT: "every service"}


def catalogue(packages: Sequence[Package], contracts: Contracts) -> str:
    """One line per event type."""
    by = producers(packages)
    rows = []
    for event_type in contracts.types:
        schema = contracts.schema(event_type)
        readers = ", ".join(sorted(contracts.consumers_of(event_type)))
        folder = contracts.event_folder(event_type).relative_to(contracts.folder)
        told = str(schema.get("description", schema.get("title", ""))).replace("\n", " ").replace("|", "\\|")
        rows.append((f"[`{event_type}`]({folder}/schema.json)", by.get(event_type, "nobody"), readers, told))
    return table(("event", "published by", "read by", "what it says"), rows)


def asyncapi(packages: Sequence[Package], contracts: Contracts) -> dict[str, Any]:
    """AsyncAPI 3.0: a channel per event type, an operation per service that sends or receives it."""
    by = producers(packages)
    operations: dict[str, Any] = {}
    for event_type in contracts.types:
        senders = [package.name for package in packages] if event_type == BEAT else [by.get(event_type, "")]
        for sender in filter(None, senders):
            operations[f"{sender}.sends.{event_type}"] = _operation("send", event_type)
        for reader in sorted(contracts.consumers_of(event_type)):
            operations[f"{reader}.receives.{event_type}"] = _operation("receive", event_type)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Atrium events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 over RabbitMQ: topic exchange `events`, routing key `<type>.s<shard>`.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {event_type: _channel(event_type) for event_type in contracts.types},
        "operations": operations,
        "components": {
            "messages": {event_type: _message(event_type, contracts) for event_type in contracts.types},
        },
    }


def _channel(event_type: str) -> dict[str, Any]:
    return {
        "address": f"{event_type}.s{{shard}}",
        "parameters": {"shard": {"description": "CRC-32 of the partition key, modulo 8"}},
        "messages": {"event": {"$ref": f"#/components/messages/{event_type}"}},
    }


def _operation(action: str, event_type: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{event_type}"},
        "messages": [{"$ref": f"#/channels/{event_type}/messages/event"}],
    }


def _message(event_type: str, contracts: Contracts) -> dict[str, Any]:
    folder = contracts.event_folder(event_type).relative_to(contracts.folder)
    return {
        "name": event_type,
        "payload": {
            "allOf": [
                {"$ref": "./envelope.schema.json"},
                {"properties": {"type": {"const": event_type}, "data": {"$ref": f"./{folder}/schema.json"}}},
            ]
        },
    }
