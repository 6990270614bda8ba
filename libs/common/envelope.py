"""The wrapper of every message: CloudEvents 1.0 in JSON, with our extension attributes.

Source: CloudEvents 1.0.2, sections 2.4 (types), 3.1 (attributes) and the JSON event format.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

SHARDS = 8
CONTENT_TYPE = "application/cloudevents+json"


class Undecodable(ValueError):
    """The bytes are no event: nobody can ever handle them."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact that has happened. `subject` is the id of the aggregate, `version` counts that aggregate's changes from
    1 without a gap; events of one `partition_key` are delivered in order. Times are RFC 3339 text in UTC."""

    id: str
    type: str
    source: str
    subject: str
    time: str
    version: int
    partition_key: str
    data: dict[str, Any]
    customer_id: str = ""
    actor: str = "system:atrium"
    actor_label: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    chain_depth: int = 0
    traceparent: str = ""

    @property
    def shard(self) -> int:
        return shard_of(self.partition_key)

    @property
    def routing_key(self) -> str:
        return f"{self.type}.s{self.shard}"


def shard_of(partition_key: str) -> int:
    """The shard of a key, 0 to 7: CRC-32, because it is the same in every language and process."""
    return zlib.crc32(partition_key.encode()) % SHARDS


@lru_cache(maxsize=1024)
def dataschema(event_type: str) -> str:
    """The stable name of the schema of a type: `urn:atrium:events:<type without version>:v<N>`."""
    name, _, major = event_type.rpartition(".")
    return f"urn:atrium:events:{name}:{major}"


_REQUIRED = {
    "id": "id",
    "type": "type",
    "source": "source",
    "subject": "subject",
    "time": "time",
    "aggregateversion": "version",
    "partitionkey": "partition_key",
    "data": "data",
}
_OPTIONAL = {
    "customerid": "customer_id",
    "actor": "actor",
    "actorlabel": "actor_label",
    "correlationid": "correlation_id",
    "causationid": "causation_id",
    "chaindepth": "chain_depth",
    "traceparent": "traceparent",
}


def to_document(event: Event) -> dict[str, Any]:
    """The event as the JSON object that travels. Empty optional attributes are left out."""
    # Written out: an import makes hundreds of thousands of these.
    document: dict[str, Any] = {
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "dataschema": dataschema(event.type),
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "time": event.time,
        "aggregateversion": event.version,
        "partitionkey": event.partition_key,
        "data": event.data,
    }
    if event.customer_id:
        document["customerid"] = event.customer_id
    if event.actor:
        document["actor"] = event.actor
    if event.actor_label:
        document["actorlabel"] = event.actor_label
    if event.correlation_id:
        document["correlationid"] = event.correlation_id
    if event.causation_id:
        document["causationid"] = event.causation_id
    document["chaindepth"] = event.chain_depth
    if event.traceparent:
        document["traceparent"] = event.traceparent
    return document


def from_document(document: Any) -> Event:
    """Reads the JSON object back; raises Undecodable where a required attribute is missing or of the wrong type."""
    try:
        if document["specversion"] != "1.0":
            raise Undecodable(f"specversion {document['specversion']!r}")
        values = {field: document[name] for name, field in _REQUIRED.items()}
        values |= {field: document[name] for name, field in _OPTIONAL.items() if name in document}
    except (KeyError, TypeError) as error:
        raise Undecodable(f"not an event: {error}") from error
    for field, kind in Event.__annotations__.items():
        if field in values and not isinstance(values[field], dict if field == "data" else kind):
            raise Undecodable(f"{field} has the wrong type")
    return Event(**values)


def encode(event: Event) -> bytes:
    """The bytes that travel."""
    return orjson.dumps(to_document(event))


def decode(body: bytes) -> Event:
    """The event in the bytes; raises Undecodable."""
    try:
        return from_document(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"not JSON: {error}") from error
