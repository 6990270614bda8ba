"""The section `portal_settings`: the nine switches as they count for one customer, resolved when they are read."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal_switches import SWITCHES, Lock, Resolved, ScopeSettings, resolve, walk_of_customer

Settings = Mapping[str, Any]


def settings_of(
    line: Sequence[Mapping[str, Settings | None]], platform: Settings | None, *, visible_id: str | None
) -> dict[str, Any]:
    """Resolves the switches. `line` holds what the customer, then each of its ancestors has decided (`own`), each with
    its `group`. With `visible_id`, only that customer is named as a source; others are told by what they are."""
    own, *ancestors = [(_scope(step["own"]) or ScopeSettings(), _scope(step["group"])) for step in line]
    walk = walk_of_customer(own[0], own[1], ancestors, _scope(platform) or ScopeSettings())
    return {key: _switch(one, visible_id) for key, one in resolve(walk).items()}


def _scope(settings: Settings | None) -> ScopeSettings | None:
    return None if settings is None else ScopeSettings.from_event(settings)


def _switch(one: Resolved, visible_id: str | None) -> dict[str, Any]:
    return {
        "label": SWITCHES[one.key].label,
        "value": one.value,
        "effective": one.effective,
        "active": one.active,
        "source": one.source,
        "source_id": _named(one.source_id, visible_id),
        "locked_by": _lock(one.locked_by, visible_id),
        "inert_reason": one.inert_reason,
    }


def _lock(lock: Lock | None, visible_id: str | None) -> dict[str, Any] | None:
    return None if lock is None else {"source": lock.source, "source_id": _named(lock.source_id, visible_id)}


def _named(source_id: str | None, visible_id: str | None) -> str | None:
    return source_id if visible_id is None or source_id == visible_id else None
