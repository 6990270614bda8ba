"""The answers that `contracts/portal_switches/vectors.json` fixes for every implementation."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from portal_switches import (
    ChangeRequest,
    ScopeSettings,
    Step,
    plan_change,
    resolve,
    walk_of_customer,
    walk_of_group,
    walk_of_platform,
)

_VECTORS = json.loads(
    (Path(__file__).parents[3] / "contracts/portal_switches/vectors.json").read_text(encoding="utf-8")
)


def _settings(document: dict[str, Any]) -> ScopeSettings:
    return ScopeSettings(
        document["id"],
        document.get("values", {}),
        frozenset(document.get("locks", ())),
        document.get("licence_acknowledged", False),
    )


def _group_of(document: dict[str, Any]) -> ScopeSettings | None:
    return _settings(document["group"]) if "group" in document else None


def _walk(document: dict[str, Any]) -> tuple[Step, ...]:
    platform = _settings(document["platform"])
    if document["scope"] == "platform":
        return walk_of_platform(platform)
    own = _settings(document["own"])
    if document["scope"] == "group":
        return walk_of_group(own, platform)
    ancestors = [(_settings(step["own"]), _group_of(step)) for step in document.get("ancestors", ())]
    return walk_of_customer(own, _group_of(document), ancestors, platform)


def _by_name(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in _VECTORS[kind]]


@pytest.mark.parametrize("case", _by_name("resolve"))
def test_every_switch_resolves_as_the_contract_says(case: dict[str, Any]) -> None:
    resolved = resolve(_walk(case["walk"]))
    for key, expected in case["expect"].items():
        assert asdict(resolved[key]) == {"key": key, **expected}


@pytest.mark.parametrize("case", _by_name("plan"))
def test_every_change_is_planned_as_the_contract_says(case: dict[str, Any]) -> None:
    plan = plan_change(_walk(case["walk"]), ChangeRequest(**case["request"]))
    assert [asdict(change) for change in plan.changes] == case["expect"]["changes"]
    assert [
        {"code": refused.code, "key": refused.key, "blockers": [asdict(blocker) for blocker in refused.blockers]}
        for refused in plan.refusals
    ] == case["expect"]["refusals"]
    for key, expected in case["expect"].get("after", {}).items():
        assert asdict(plan.after[key]) == {"key": key, **expected}


def test_every_name_of_a_case_is_used_once() -> None:
    names = [case["name"] for kind in ("resolve", "plan") for case in _VECTORS[kind]]
    assert len(names) == len(set(names)) >= 40
