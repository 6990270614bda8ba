"""What holds of every plan, whatever is asked of whichever scope."""

from dataclasses import replace

import pytest
from hypothesis import given

from portal_switches import ChangeRequest, ScopeSettings, Step, plan_change, resolve, walk_of_platform

from .strategies import quickly, requests, walks

Walk = tuple[Step, ...]


def _applied(walk: Walk, settings: ScopeSettings) -> Walk:
    return (Step(walk[0].source, settings), *walk[1:])


@quickly
@given(walk=walks(), request=requests)
def test_a_plan_shows_what_is_and_what_would_be(walk: Walk, request: ChangeRequest) -> None:
    plan = plan_change(walk, request)
    assert plan.before == resolve(walk)
    assert plan.after == resolve(_applied(walk, plan.settings))
    assert bool(plan.changes) == (plan.settings != walk[0].settings) or request.licence == "acknowledge"


@quickly
@given(walk=walks(), request=requests)
def test_what_was_planned_and_done_needs_no_second_time(walk: Walk, request: ChangeRequest) -> None:
    plan = plan_change(walk, request)
    if not plan.refusals:
        again = plan_change(_applied(walk, plan.settings), replace(request, licence="keep"))
        assert (again.changes, again.refusals) == ((), ())


@quickly
@given(walk=walks(), request=requests)
def test_a_plan_without_refusals_breaks_nothing_that_worked(walk: Walk, request: ChangeRequest) -> None:
    plan = plan_change(walk, request)
    if not plan.refusals:
        for key in ("allow_preorders", "hr_sync_enabled"):
            assert not plan.before[key].active or plan.after[key].inert_reason is None


@quickly
@given(walk=walks(), request=requests)
def test_what_is_turned_on_works_afterwards_or_is_refused(walk: Walk, request: ChangeRequest) -> None:
    plan = plan_change(walk, request)
    if not plan.refusals:
        for change in plan.changes:
            if change.aspect == "value" and change.after == "on" and change.key != "auto_confirm_orders":
                assert plan.after[change.key].active


@quickly
@given(walk=walks(), request=requests)
def test_no_plan_decides_a_locked_key(walk: Walk, request: ChangeRequest) -> None:
    plan = plan_change(walk, request)
    for change in plan.changes:
        if plan.before[change.key].locked_by and change.aspect != "licence":
            assert change.after in ("inherit", "open")


@quickly
@given(walk=walks(), request=requests)
def test_only_needs_and_needers_are_brought_along(walk: Walk, request: ChangeRequest) -> None:
    for change in plan_change(walk, request).changes:
        asked = {"value": request.values, "lock": request.locks, "licence": ("hr_sync_enabled",)}[change.aspect]
        assert (change.cause is None) == (change.key in asked)


@quickly
@given(walk=walks(), request=requests)
def test_every_refusal_says_what_to_do_and_every_lock_who_holds_it(walk: Walk, request: ChangeRequest) -> None:
    for refused in plan_change(walk, request).refusals:
        assert refused.detail.endswith(".")
        assert refused.blockers or refused.code == "licence_not_acknowledged"


def test_a_key_that_is_no_switch_is_an_error() -> None:
    with pytest.raises(KeyError):
        plan_change(walk_of_platform(ScopeSettings()), ChangeRequest(values={"teleport": "on"}))
