"""The schemas in `contracts/events`, compiled once; an event is checked where it leaves and where it arrives."""

from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson


class ContractBroken(ValueError):
    """An event does not fit the schema of its type. On the way out this is a bug and the transaction fails."""


class Contracts:
    """The folder `contracts/` as this process uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._validators: dict[str, Any] = {}

    def check(self, event_type: str, data: dict[str, Any]) -> None:
        """Raises ContractBroken when `data` does not fit `event_type`'s schema, or when the type has no schema."""
        validator = self._validators.get(event_type)
        if validator is None:
            validator = self._validators[event_type] = jsonschema_rs.validator_for(self.schema(event_type))
        if not validator.is_valid(data):
            first = next(validator.iter_errors(data))
            place = "/".join(str(part) for part in first.instance_path)
            # Never the value: it may be personal.
            raise ContractBroken(f"{event_type}: /{place}: does not fit the schema ({first.kind.name})")

    def check_read(self, service: str, event_type: str, data: dict[str, Any]) -> None:
        """Raises ContractBroken when `data` lacks what `service` declares that it reads of a type.

        An arriving event is not checked against the whole schema, of which this process may know an older edition."""
        validator = self._validators.get(f"{service}<{event_type}")
        if validator is None:
            path = self.event_folder(event_type) / "consumers" / f"{service}.json"
            reads = orjson.loads(path.read_bytes()) if path.is_file() else self.schema(event_type)
            validator = self._validators[f"{service}<{event_type}"] = jsonschema_rs.validator_for(reads)
        if not validator.is_valid(data):
            first = next(validator.iter_errors(data))
            place = "/".join(str(part) for part in first.instance_path)
            raise ContractBroken(f"{event_type}: /{place}: is not what {service} reads ({first.kind.name})")

    def schema(self, event_type: str) -> dict[str, Any]:
        """The JSON Schema of a type's `data`; raises ContractBroken where there is none."""
        path = self.event_folder(event_type) / "schema.json"
        if not path.is_file():
            raise ContractBroken(f"{event_type} has no schema in contracts/events")
        return orjson.loads(path.read_bytes())  # type: ignore[no-any-return]

    def event_folder(self, event_type: str) -> Path:
        """`customer.customer.created.v1` lives in `events/customer.customer.created/v1`."""
        name, _, major = event_type.rpartition(".")
        return self.folder / "events" / name / major

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Every event type that has a folder, sorted."""
        return tuple(
            sorted(
                f"{path.parent.parent.name}.{path.parent.name}" for path in self.folder.glob("events/*/v*/schema.json")
            )
        )

    def consumers_of(self, event_type: str) -> frozenset[str]:
        """The services that declare in `consumers/` what they read of a type."""
        return frozenset(path.stem for path in (self.event_folder(event_type) / "consumers").glob("*.json"))

    def consumed_by(self, service: str) -> tuple[str, ...]:
        """The types that a service declares it reads, sorted."""
        return tuple(event_type for event_type in self.types if service in self.consumers_of(event_type))
