"""What holds of every resolution, whatever the scopes have decided."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from portal_switches import INERT_REASONS, KEYS, REQUIREMENTS, ScopeSettings, Step, Value, resolve, walk_of_customer

from .strategies import ancestors, keys, quickly, scopes, undecided, values, walks

Effects = dict[str, tuple[Value, str | None]]


def effects(walk: tuple[Step, ...]) -> Effects:
    return {key: (found.effective, found.inert_reason) for key, found in resolve(walk).items()}


@quickly
@given(walks())
def test_every_switch_has_an_answer_in_the_order_of_the_catalogue(walk: tuple[Step, ...]) -> None:
    assert tuple(resolve(walk)) == KEYS


@quickly
@given(parent=scopes, parents_group=st.none() | scopes, above=ancestors, platform=scopes)
def test_a_branch_that_decides_nothing_has_exactly_what_its_parent_has(
    parent: ScopeSettings,
    parents_group: ScopeSettings | None,
    above: list[tuple[ScopeSettings, ScopeSettings | None]],
    platform: ScopeSettings,
) -> None:
    branch = walk_of_customer(undecided, None, [(parent, parents_group), *above], platform)
    assert effects(branch) == effects(walk_of_customer(parent, parents_group, above, platform))


@quickly
@given(walks())
def test_steps_that_have_decided_nothing_may_be_left_out(walk: tuple[Step, ...]) -> None:
    padded = (walk[0], *(step for later in walk[1:] for step in (Step("group", undecided), later)))
    assert resolve(padded) == resolve(walk)


@quickly
@given(walk=walks(), key=keys, value=values, data=st.data())
def test_nobody_below_a_lock_can_change_what_counts(
    walk: tuple[Step, ...], key: str, value: Value, data: st.DataObject
) -> None:
    locker = data.draw(st.integers(1, len(walk) - 1))
    locked = walk[locker].settings
    fixed = (
        *walk[:locker],
        Step(walk[locker].source, replace(locked, locks=locked.locks | {key})),
        *walk[locker + 1 :],
    )
    rebel = data.draw(st.integers(0, locker - 1))
    decided = walk[rebel].settings
    tried = (
        *fixed[:rebel],
        Step(walk[rebel].source, replace(decided, values={**decided.values, key: value})),
        *fixed[rebel + 1 :],
    )
    assert resolve(tried)[key].effective == resolve(fixed)[key].effective
    assert resolve(tried)[key].locked_by is not None


@quickly
@given(walks())
def test_the_source_is_a_scope_of_the_walk_that_has_decided(walk: tuple[Step, ...]) -> None:
    for key, found in resolve(walk).items():
        assert found.source == "platform" or any(
            step.source == found.source
            and step.settings.id == found.source_id
            and step.settings.values.get(key) == found.effective
            for step in walk
        )


@quickly
@given(walks())
def test_only_a_switch_that_is_on_is_inert_and_its_reason_is_explained(walk: tuple[Step, ...]) -> None:
    resolved = resolve(walk)
    for found in resolved.values():
        assert found.inert_reason is None or (found.effective == "on" and found.inert_reason in INERT_REASONS)
        assert found.active == (found.effective == "on" and found.inert_reason is None)
    for requirement in REQUIREMENTS:
        if resolved[requirement.key].active:
            assert resolved[requirement.needs].effective == "on"


def test_the_settings_of_a_scope_are_read_from_its_event() -> None:
    data = {
        "scope": "group",
        "scope_id": "g",
        "values": {"billing_enabled": "off"},
        "locks": ["billing_enabled"],
        "licence": {"acknowledged_by": "Ada", "acknowledged_at": "2026-01-01T00:00:00Z", "fee_note": "3 EUR"},
        "changes": [],
    }
    read = ScopeSettings.from_event(data)
    assert read == ScopeSettings("g", {"billing_enabled": "off"}, frozenset({"billing_enabled"}), True)
