"""The settings of one scope as this service keeps them, and how they stand in a walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from portal_switches import ScopeSettings, Source, Step, Value

ScopeKind = Literal["platform", "group", "customer"]

PLATFORM_PLACE = 100


@dataclass(frozen=True, slots=True)
class ScopeRef:
    """Which scope; `id` is None for the platform."""

    kind: ScopeKind
    id: str | None = None

    @property
    def subject(self) -> str:
        """The aggregate's id in events."""
        return self.id or "platform"


PLATFORM = ScopeRef("platform")


@dataclass(frozen=True, slots=True)
class Licence:
    """Somebody has been shown the fee of HR-Sync, in the words of `fee_note`, and has agreed to it."""

    acknowledged_by: str
    acknowledged_at: datetime
    fee_note: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What one scope has decided. `place` counts the steps of a walk: a customer at height h stands at 2h, its group at
    2h + 1, the platform at the end. A scope that never decided anything has version 0."""

    place: int
    id: str | None
    switches: Mapping[str, Value] = field(default_factory=dict)
    locks: frozenset[str] = frozenset()
    licence: Licence | None = None
    version: int = 0

    @property
    def source(self) -> Source:
        """What this scope is to the one at which the walk starts."""
        if self.place == PLATFORM_PLACE:
            return "platform"
        if self.place < 2:
            return ("own", "group")[self.place]
        return "ancestor_group" if self.place % 2 else "ancestor"

    def step(self) -> Step:
        """This scope as a step of a walk."""
        return Step(self.source, ScopeSettings(self.id, self.switches, self.locks, self.licence is not None))


@dataclass(frozen=True, slots=True)
class ScopeState:
    """One scope as it is now: its own decisions first, then those above that have decided anything."""

    ref: ScopeRef
    decided: Sequence[Decided]
    archived: bool = False

    @property
    def own(self) -> Decided:
        return self.decided[0]

    @property
    def version(self) -> int:
        return self.own.version

    @property
    def walk(self) -> tuple[Step, ...]:
        return tuple(one.step() for one in self.decided)


# Which columns of text, of several texts or of JSON hold personal values; a test compares with the database.
PERSONAL: Mapping[str, frozenset[str]] = {
    "scope_settings": frozenset({"licence_by"}),
    "replica_customers": frozenset({"name"}),
}
PLAIN: Mapping[str, frozenset[str]] = {
    "scope_settings": frozenset({"subject", "scope", "switches", "locks", "licence_note"}),
    "replica_customers": frozenset({"status"}),
    "replica_groups": frozenset({"name"}),
}
