"""User names, passwords, waiting times, permissions and explanations."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain import throttling
from identity.domain.accounts import Account, changes_between, within_access
from identity.domain.passwords import LONGEST_BYTES, is_possible, new_password
from identity.domain.permissions import (
    BUILT_IN,
    PERMISSIONS,
    PORTAL_ROLES,
    lacking,
    leading_role,
    portal_permissions,
    unknown_permissions,
)
from identity.domain.usernames import fold, username
from identity.errors import PasswordWeak, UsernameInvalid


@pytest.mark.parametrize("typed", ["Ada@Example.test", "  ada@example.test ", "ADA@EXAMPLE.TEST", "ａda@example.test"])
def test_spellings_of_one_user_name_are_the_same(typed: str) -> None:
    assert username(typed) == "ada@example.test"


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("typed", ["ab", "x" * 255, "a da", "ada\u200b", "ada\u202eb", "a\x00da", "ada\udcff", "   "])
def test_user_names_that_could_be_taken_for_others_are_refused(typed: str) -> None:
    with pytest.raises(UsernameInvalid):
        username(typed)


@pytest.mark.parametrize(
    "typed", ["short", "elevenchars", "x" * 40, "abababababababab", "a\x00" * 10, "é" * 600, "\ud800" + "long enough"]
)
def test_weak_passwords_are_refused(typed: str) -> None:
    with pytest.raises(PasswordWeak):
        new_password(typed)


def test_a_password_is_not_the_user_name() -> None:
    with pytest.raises(PasswordWeak):
        new_password("Ada.Byron@example.test", username="ada.byron@example.test")


def test_the_same_letters_are_the_same_password() -> None:
    assert new_password("cafe\u0301 au lait") == new_password("caf\u00e9 au lait")


def test_what_cannot_be_a_password_costs_no_hash() -> None:
    assert not is_possible("x" * (LONGEST_BYTES + 1))
    assert not is_possible("")
    assert is_possible("short")
    assert not is_possible("with a \x00 inside")
    assert not is_possible("half \ud800 a pair")
    assert is_possible("correct horse battery")


def test_waiting_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [throttling.wait_after(failures, throttling.ACCOUNT).total_seconds() for failures in range(20)]
    assert waits[:8] == [0, 0, 0, 0, 0, 1, 2, 4]
    assert waits == sorted(waits)
    assert waits[-1] == 900


def test_failures_are_forgotten_after_an_hour() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert throttling.counted(7, now - timedelta(minutes=59), now) == 7
    assert throttling.counted(7, now - timedelta(minutes=61), now) == 0
    assert throttling.counted(7, None, now) == 0


def test_every_built_in_role_holds_only_permissions_that_there_are() -> None:
    for _, held in BUILT_IN.values():
        assert unknown_permissions(held) == []
    assert unknown_permissions(portal_permissions(PORTAL_ROLES)) == []


def test_the_administrator_holds_everything_and_nobody_else_manages_accounts() -> None:
    assert BUILT_IN["administrator"][1] == set(PERMISSIONS)
    assert [code for code, (_, held) in BUILT_IN.items() if "accounts.manage" in held] == ["administrator"]


def test_viewers_edit_nothing() -> None:
    assert lacking(BUILT_IN["viewer"][1], ["customers.edit", "customers.view"]) == ["customers.edit"]


def test_the_leading_role_is_the_one_that_may_do_most() -> None:
    assert leading_role(["buyer", "admin", "finance"]) == "admin"
    assert leading_role([]) is None


BUYER = Account(
    id="1", kind="portal", display_name="Ada", status="active", username="ada", customer_id="c", roles=("buyer",)
)


def test_changes_name_what_a_person_sees() -> None:
    renamed = Account(**{name: getattr(BUYER, name) for name in BUYER.__slots__} | {"display_name": "Grace"})
    changes = changes_between(BUYER, renamed)
    assert changes == [{"path": "display_name", "label": "Name", "before": "Ada", "after": "Grace"}]
    assert within_access(renamed, changes)[0]["path"] == "users/1/display_name"
