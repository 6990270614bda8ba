"""What a wanted change of one scope's switches would do: what else it brings along, and what stands in its way.

Only an explicit `on` asks for something, so only that turns on what it needs; `inherit` takes what comes, and an inert
switch says why. What works at the scope before a change is never broken by it in silence. Settings of other scopes are
never touched: those below that lose what they need become inert, and say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from portal_switches.catalogue import KEYS, LICENSED_KEY, REQUIREMENTS, SWITCHES, Value
from portal_switches.resolution import LICENCE_NOT_ACKNOWLEDGED, Resolved, ScopeSettings, Source, Step, Walk, resolve

Aspect = Literal["value", "lock", "licence"]
RefusalCode = Literal["locked", "dependent_setting", "licence_not_acknowledged"]

_NEEDS = {requirement.key: requirement.needs for requirement in REQUIREMENTS if requirement.binding}
_ABOVE: dict[Source, str] = {
    "own": "this scope",
    "group": "the customer group",
    "ancestor": "a parent customer",
    "ancestor_group": "the group of a parent customer",
    "platform": "the platform",
}


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What somebody wants of one scope. `values`: `on`, `off`, or None to inherit again. `locks`: whether the scope
    fixes the key for those below. `cascade` allows turning off what needs a thing that goes off."""

    values: Mapping[str, Value | None] = field(default_factory=dict)
    locks: Mapping[str, bool] = field(default_factory=dict)
    licence: Literal["keep", "acknowledge", "withdraw"] = "keep"
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` and `after` are `on|off|inherit` of a value, `locked|open` of a lock, and
    `acknowledged|none` of the licence. `cause` is what brought it along: a key, `licence_acknowledgement`, or None
    where it was asked for."""

    key: str
    aspect: Aspect
    before: str
    after: str
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stands in the way: a switch, and the scope that decides or locks it."""

    key: str
    source: Source
    source_id: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why `key` cannot change as wanted, in a sentence that says what helps."""

    code: RefusalCode
    key: str
    detail: str
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectiveChange:
    """A switch that will count differently at the scope itself."""

    key: str
    before: Resolved
    after: Resolved


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a change would do. With `refusals` nothing may be written; `changes` then holds what was possible."""

    settings: ScopeSettings
    changes: tuple[Change, ...]
    refusals: tuple[Refused, ...]
    before: Mapping[str, Resolved]
    after: Mapping[str, Resolved]

    @property
    def effective_changes(self) -> tuple[EffectiveChange, ...]:
        """The switches whose effect at the scope itself differs afterwards."""
        return tuple(
            EffectiveChange(key, self.before[key], self.after[key])
            for key in KEYS
            if (self.before[key].effective, self.before[key].inert_reason)
            != (self.after[key].effective, self.after[key].inert_reason)
        )


def plan_change(walk: Walk, request: ChangeRequest) -> Plan:
    """Plans `request` for the scope at which `walk` starts. Raises KeyError for a key that is no switch."""
    draft = _Draft(walk, request)
    for key, wanted in request.values.items():
        draft.decide(key, wanted)
    for key, locked in request.locks.items():
        draft.lock(key, locked)
    draft.license()
    draft.bring_along()
    draft.guard()
    return draft.plan()


class _Draft:
    """The scope's settings while a plan is made."""

    def __init__(self, walk: Walk, request: ChangeRequest) -> None:
        self._walk = walk
        self._request = request
        self._before = resolve(walk)
        self._own = walk[0].settings
        self._changes: list[Change] = []
        self._refusals: list[Refused] = []

    def decide(self, key: str, wanted: Value | None, cause: str | None = None) -> None:
        """Sets one value, or clears it; clearing is allowed under a lock, since it decides nothing."""
        present = self._own.values.get(key)
        if wanted == present:
            return
        if wanted is not None and self._is_locked(key, cause):
            return
        values = {name: value for name, value in self._own.values.items() if name != key}
        if wanted is not None:
            values[key] = wanted
        self._own = replace(self._own, values=values)
        self._changes.append(Change(key, "value", present or "inherit", wanted or "inherit", cause))

    def lock(self, key: str, wanted: bool) -> None:
        """Locks or opens one key for those below."""
        if wanted == (key in self._own.locks) or (wanted and self._is_locked(key)):
            return
        locks = self._own.locks | {key} if wanted else self._own.locks - {key}
        self._own = replace(self._own, locks=locks)
        self._changes.append(Change(key, "lock", *(("open", "locked") if wanted else ("locked", "open"))))

    def license(self) -> None:
        """Records or withdraws the acknowledgement of the licence; a new one replaces the old one."""
        wanted = self._request.licence
        present = self._own.licence_acknowledged
        if wanted == "acknowledge" or (wanted == "withdraw" and present):
            self._own = replace(self._own, licence_acknowledged=wanted == "acknowledge")
            words = ["acknowledged" if state else "none" for state in (present, wanted == "acknowledge")]
            self._changes.append(Change(LICENSED_KEY, "licence", *words))

    def bring_along(self) -> None:
        """Gives what was explicitly turned on what it needs, or refuses."""
        for change in tuple(self._changes):
            if change.aspect != "value" or change.after != "on" or not self._breaks(change.key):
                continue
            if change.key == LICENSED_KEY:
                self._refusals.append(_not_acknowledged())
            elif _NEEDS[change.key] in self._request.values:
                self._refuse_dependent(change.key)
            else:
                self.decide(_NEEDS[change.key], "on", cause=change.key)

    def guard(self) -> None:
        """Keeps what worked before from being broken: turns it off where `cascade` allows, or refuses."""
        for key in (*_NEEDS, LICENSED_KEY):
            if not (self._before[key].active and self._breaks(key)):
                continue
            if self._request.cascade and key not in self._request.values:
                self.decide(key, "off", cause=_NEEDS.get(key, "licence_acknowledgement"))
            elif not self._is_refused(_NEEDS.get(key, key)):
                self._refuse_dependent(key)

    def plan(self) -> Plan:
        """The finished plan."""
        return Plan(self._own, tuple(self._changes), tuple(self._refusals), self._before, self._resolved())

    def _resolved(self) -> dict[str, Resolved]:
        return resolve((Step(self._walk[0].source, self._own), *self._walk[1:]))

    def _breaks(self, key: str) -> bool:
        """Whether a switch is on as things stand in the draft and lacks what it cannot do without."""
        return (key in _NEEDS or key == LICENSED_KEY) and self._resolved()[key].inert_reason is not None

    def _is_refused(self, key: str) -> bool:
        return any(refused.key == key and refused.code != "locked" for refused in self._refusals)

    def _is_locked(self, key: str, cause: str | None = None) -> bool:
        lock = self._before[key].locked_by
        if lock is None:
            return False
        detail = (
            f"“{SWITCHES[key].label}” is {self._before[key].effective} here and locked by {_ABOVE[lock.source]}. "
            "Change it there or have the lock lifted; here it can only be set to inherit."
        )
        if cause in SWITCHES:
            detail = f"“{SWITCHES[cause].label}” cannot change without “{SWITCHES[key].label}”. {detail}"
        self._refusals.append(Refused("locked", key, detail, (Blocker(key, lock.source, lock.source_id),)))
        return True

    def _refuse_dependent(self, dependent: str) -> None:
        needs = _NEEDS.get(dependent, dependent)
        resolved = self._resolved()[dependent]
        if needs == dependent:
            what = "The licence acknowledgement cannot be withdrawn while"
        else:
            what = f"“{SWITCHES[needs].label}” cannot be off while"
        detail = f"{what} “{SWITCHES[dependent].label}” is on{_decided_by(resolved)}. {self._advice(dependent, needs)}"
        blocker = Blocker(dependent, resolved.source, resolved.source_id)
        self._refusals.append(Refused("dependent_setting", needs, detail, (blocker,)))

    def _advice(self, dependent: str, needs: str) -> str:
        if dependent not in self._request.values:
            return "Repeat the change with cascade=true to turn both off."
        if needs == dependent:
            return f"Set {dependent} to off in the same change."
        return f"Set {dependent} to off in the same change, or keep {needs} on."


def _decided_by(resolved: Resolved) -> str:
    return "" if resolved.source == "own" else f" (by {_ABOVE[resolved.source]})"


def _not_acknowledged() -> Refused:
    label = SWITCHES[LICENSED_KEY].label
    detail = (
        f"“{label}” may cost a licence fee that nobody has acknowledged. Show the fee to whoever bears it, and send "
        "licence_acknowledgement with the words shown, in the same change."
    )
    return Refused(LICENCE_NOT_ACKNOWLEDGED, LICENSED_KEY, detail)  # type: ignore[arg-type]  # the same word
