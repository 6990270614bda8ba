"""The status machine keeps its promises in any order of steps."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain import lifecycle
from identity.domain.lifecycle import Standing
from identity.errors import TransitionRefused

ACTIVE = Standing("active", "ada", has_password=True)
INVITED = Standing("invited", "ada")

STEPS: dict[str, Callable[[Standing], Standing]] = {
    "accept": lambda s: lifecycle.accept(s, s.username or "ada"),
    "disable": lambda s: lifecycle.disable(s, "manual"),
    "lock": lambda s: lifecycle.disable(s, "locked"),
    "contact ended": lambda s: lifecycle.disable(s, "contact_ended"),
    "enable": lifecycle.enable,
    "archive A": lambda s: lifecycle.archive(s, "A"),
    "archive B": lambda s: lifecycle.archive(s, "B"),
    "restore A": lambda s: lifecycle.restore(s, "A"),
    "restore B": lambda s: lifecycle.restore(s, "B"),
    "clear": lambda _: lifecycle.clear_username(),
    "invite again": lambda s: lifecycle.invite_again(s, "ada"),
    "rename": lambda s: lifecycle.rename(s, "grace"),
}


def after(standing: Standing, *steps: str) -> Standing:
    for step in steps:
        try:
            standing = STEPS[step](standing)
        except TransitionRefused:
            continue
    return standing


@given(st.sampled_from([ACTIVE, INVITED]), st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_whatever_happens_an_account_is_in_one_piece(start: Standing, steps: list[str]) -> None:
    standing = after(start, *steps)
    assert (standing.status == "disabled") == (standing.reason is not None)
    assert (standing.reason == "archived") == (standing.archive_id is not None)
    assert standing.username is not None or standing.reason == "username_cleared"
    assert not standing.may_sign_in or (standing.has_password and standing.username)
    assert standing.status != "invited" or not standing.has_password


@given(st.sampled_from([ACTIVE, INVITED]), st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_archive_and_restore_without_a_hand_in_between_change_nothing(start: Standing, steps: list[str]) -> None:
    before = after(start, *steps)
    if before.reason == "archived":
        before = after(before, "restore A", "restore B")
    assert after(before, "archive A", "restore A") == before


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_a_cleared_account_is_never_active_without_a_new_acceptance(steps: list[str]) -> None:
    standing = after(ACTIVE, "clear", *(step for step in steps if step != "accept"))
    assert not standing.may_sign_in
    assert not standing.has_password


@pytest.mark.parametrize("hand", ["disable", "contact ended", "clear"])
def test_what_a_hand_decides_during_an_archive_outlives_the_restore(hand: str) -> None:
    assert not after(ACTIVE, "archive A", hand, "restore A").is_enabled


def test_restoring_enables_only_what_that_archive_disabled() -> None:
    assert after(ACTIVE, "archive A", "restore B").reason == "archived"
    assert after(ACTIVE, "disable", "archive A", "restore A").reason == "manual"
    assert after(INVITED, "archive A", "restore A") == INVITED


def test_a_user_name_that_is_set_again_invites() -> None:
    assert after(ACTIVE, "clear", "invite again") == INVITED


def test_an_account_that_is_not_disabled_cannot_be_enabled() -> None:
    with pytest.raises(TransitionRefused):
        lifecycle.enable(ACTIVE)


@pytest.mark.parametrize("step", ["enable", "invite again"])
def test_nothing_comes_back_while_the_customer_is_archived(step: str) -> None:
    archived = lifecycle.archive(ACTIVE, "A")
    with pytest.raises(TransitionRefused):
        STEPS[step](archived)


def test_only_the_invited_accept() -> None:
    with pytest.raises(TransitionRefused):
        lifecycle.accept(replace(ACTIVE), "ada")


def test_a_login_without_user_name_cannot_be_enabled_renamed_or_disabled() -> None:
    cleared = lifecycle.clear_username()
    for step in ("enable", "rename", "disable"):
        with pytest.raises(TransitionRefused):
            STEPS[step](cleared)
