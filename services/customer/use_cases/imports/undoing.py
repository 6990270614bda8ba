"""What one event of an import did to a stored customer, taken back field by field where nobody has changed it since.
Pure: works on records in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from customer.use_cases.store import Record

Entity = str
_REFERENCES = {"group": "group_id", "parent": "parent_id", "primary_contact": "primary_contact_id", "tags": "tag_ids"}


@dataclass(frozen=True, slots=True)
class Skip:
    """What stays as it is, and why."""

    customer_id: str
    entity: Entity
    record_id: str
    path: str | None
    reason: str


@dataclass(slots=True)
class State:
    """A stored record while events are taken back from it, newest first."""

    entity: Entity
    before: Record
    now: Record
    removed: bool = False

    @property
    def differs(self) -> bool:
        return self.now != self.before


@dataclass(slots=True)
class Undoing:
    """The records that events speak of, and what could not be taken back."""

    states: dict[tuple[Entity, str], State] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)

    def take_back(self, entity: Entity, verb: str, event: Mapping[str, Any]) -> None:
        """Takes one event back: its changes, or the contact or address that it added."""
        state = self.states.get((entity, event["subject"]))
        if state is None or state.removed:
            self._skip(entity, event, None, "is gone")
        elif verb == "added":
            if state.before["version"] == event["version"]:
                state.removed = True
            else:
                self._skip(entity, event, None, "was edited since")
        else:
            for change in event["data"]["changes"]:
                self._take_back_change(state, event, change)

    def _take_back_change(self, state: State, event: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        path, name = change["path"], _REFERENCES.get(change["path"], change["path"])
        if path == "external_ids":
            added = _ids(change["after"]) - _ids(change["before"])
            kept = _ids(state.now["external_ids"]) - added
            state.now["external_ids"] = [{"system": system, "id": value} for system, value in sorted(kept)]
        elif name not in state.now:
            self._skip(state.entity, event, path, "cannot be taken back")
        elif state.now[name] != change["after"]:
            self._skip(state.entity, event, path, "was edited since")
        else:
            state.now[name] = change["before"]

    def _skip(self, entity: Entity, event: Mapping[str, Any], path: str | None, reason: str) -> None:
        self.skips.append(Skip(event["customer_id"], entity, event["subject"], path, reason))


def _ids(entries: Sequence[Mapping[str, str]]) -> set[tuple[str, str]]:
    return {(entry["system"], entry["id"]) for entry in entries}
