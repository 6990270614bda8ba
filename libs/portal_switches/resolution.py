"""Which value of each switch counts for a customer, where it comes from, who has locked it, and why it may do nothing.

A *walk* is the row of scopes that may decide, nearest first: the customer, its group, its parent, the parent's group,
and so on up the tree, the platform last. Whoever stands later in the walk stands above. The first scope of the walk
that says `on` or `off` decides, except that a lock bars everybody below it from deciding: the walk then starts at the
outermost lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from portal_switches.catalogue import KEYS, LICENSED_KEY, REQUIREMENTS, SWITCHES, Value

Source = Literal["own", "group", "ancestor", "ancestor_group", "platform"]

LICENCE_NOT_ACKNOWLEDGED = "licence_not_acknowledged"

# What a person reads for each reason, and what helps.
INERT_REASONS: dict[str, str] = {
    "order_authorization_off": "The customer may not place orders itself, so there are none of its own to confirm; "
    "orders that staff enter for it are confirmed. Grant order authorization to make it count.",
    "warehouse_off": "Pre-orders need the warehouse, which is off. Turn the warehouse on to make them count.",
    LICENCE_NOT_ACKNOWLEDGED: "Nobody has acknowledged the licence fee of HR-Sync. Acknowledge it for this customer, "
    "or for whom it inherits from, to make it count.",
}


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """What one scope has decided itself. A key that is absent from `values` is inherited; `id` is None for the
    platform. Keys that this version does not know are carried and ignored."""

    id: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    locks: frozenset[str] = frozenset()
    licence_acknowledged: bool = False

    @classmethod
    def from_event(cls, data: Mapping[str, Any]) -> "ScopeSettings":
        """Reads the data of `portal-settings.scope.changed.v1`."""
        return cls(data["scope_id"], data["values"], frozenset(data["locks"]), data["licence"] is not None)


@dataclass(frozen=True, slots=True)
class Step:
    """One scope of a walk and what it is to the scope at which the walk starts."""

    source: Source
    settings: ScopeSettings


@dataclass(frozen=True, slots=True)
class Lock:
    """The scope above that has fixed a key."""

    source: Source
    source_id: str | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """One switch at the start of a walk. `value` is what was decided there, `effective` what counts. A switch that is
    `on` with an `inert_reason` does nothing until the reason is gone."""

    key: str
    value: Literal["on", "off", "inherit"]
    effective: Value
    source: Source
    source_id: str | None
    locked_by: Lock | None
    inert_reason: str | None

    @property
    def active(self) -> bool:
        """Whether the switch is on and does something."""
        return self.effective == "on" and self.inert_reason is None


Walk = Sequence[Step]


def walk_of_customer(
    own: ScopeSettings,
    group: ScopeSettings | None,
    ancestors: Sequence[tuple[ScopeSettings, ScopeSettings | None]],
    platform: ScopeSettings,
) -> tuple[Step, ...]:
    """The walk of a customer; `ancestors` are its parents, nearest first, each with the group it is in."""
    steps = [Step("own", own)]
    if group is not None:
        steps.append(Step("group", group))
    for ancestor, ancestor_group in ancestors:
        steps.append(Step("ancestor", ancestor))
        if ancestor_group is not None:
            steps.append(Step("ancestor_group", ancestor_group))
    return (*steps, Step("platform", platform))


def walk_of_group(group: ScopeSettings, platform: ScopeSettings) -> tuple[Step, ...]:
    """The walk of a group as such, where only the platform stands above it."""
    return (Step("own", group), Step("platform", platform))


def walk_of_platform(platform: ScopeSettings) -> tuple[Step, ...]:
    """The walk of the platform, above which stand only the values that the switches ship with."""
    return (Step("platform", platform),)


def resolve(walk: Walk) -> dict[str, Resolved]:
    """Resolves all nine switches at the start of `walk`, in the order of the catalogue. The walk has at least one step;
    steps that have decided nothing may be left out of it, except the first."""
    decided = {key: _decide(key, walk) for key in KEYS}
    licensed = any(step.settings.licence_acknowledged for step in walk)
    return {
        key: Resolved(
            key=key,
            value=walk[0].settings.values.get(key, "inherit"),
            effective=effective,
            source=source,
            source_id=source_id,
            locked_by=_locked_by(key, walk),
            inert_reason=_inert_reason(key, decided, licensed) if effective == "on" else None,
        )
        for key, (effective, source, source_id) in decided.items()
    }


def _decide(key: str, walk: Walk) -> tuple[Value, Source, str | None]:
    for step in walk[_outermost_lock(key, walk) :]:
        value = step.settings.values.get(key)
        if value is not None:
            return value, step.source, step.settings.id
    return SWITCHES[key].default, "platform", None


def _outermost_lock(key: str, walk: Walk) -> int:
    return max((place for place, step in enumerate(walk) if key in step.settings.locks), default=0)


def _locked_by(key: str, walk: Walk) -> Lock | None:
    place = _outermost_lock(key, walk)
    # A scope's own lock binds those below it, not itself.
    return Lock(walk[place].source, walk[place].settings.id) if place else None


def _inert_reason(key: str, decided: Mapping[str, tuple[Value, Source, str | None]], licensed: bool) -> str | None:
    if key == LICENSED_KEY and not licensed:
        return LICENCE_NOT_ACKNOWLEDGED
    for requirement in REQUIREMENTS:
        if requirement.key == key and decided[requirement.needs][0] == "off":
            return requirement.inert_reason
    return None
