"""When a tier is decided, and which edits an approval still covers."""

from typing import Any

import pytest

from ordering.domain.approval_flows import Said, content_of, covers, hash_of, is_self, outcome
from ordering.domain.approval_rules import Approver, Mode, Requirement
from ordering.domain.approvers import Candidate


def asking(mode: Mode = "any", n: int = 1) -> Requirement:
    return Requirement((Approver("role", "approver"),), mode, n, ("Rule",))


def people(*accounts: str, requirement: int = 0) -> list[Candidate]:
    return [Candidate(requirement, account, "branch", "rule") for account in accounts]


def yes(*accounts: str) -> list[Said]:
    return [Said(account, account, "approve") for account in accounts]


@pytest.mark.parametrize(
    ("mode", "n", "approved", "expected"),
    [
        ("any", 1, [], "pending"),
        ("any", 1, ["b"], "satisfied"),
        ("all", 1, ["a", "b"], "pending"),
        ("all", 1, ["a", "b", "c"], "satisfied"),
        ("n_of_m", 2, ["a"], "pending"),
        ("n_of_m", 2, ["a", "c"], "satisfied"),
        ("any", 1, ["stranger"], "pending"),
    ],
)
def test_a_tier_is_satisfied_by_any_all_or_n(mode: Mode, n: int, approved: list[str], expected: str) -> None:
    assert outcome([asking(mode, n)], people("a", "b", "c"), yes(*approved)) == expected


def test_one_rejection_rejects_whatever_the_others_say() -> None:
    said = [*yes("a", "b"), Said("c", "c", "reject")]
    assert outcome([asking()], people("a", "b", "c"), said) == "rejected"


def test_a_rejection_by_somebody_who_may_not_decide_rejects_nothing() -> None:
    assert outcome([asking()], people("a"), [Said("x", "x", "reject")]) == "pending"


def test_one_approver_of_two_groups_is_counted_in_both() -> None:
    tier = [asking(), asking("all")]
    both = [*people("a", "b"), *people("a", requirement=1)]
    assert outcome(tier, both, yes("a")) == "satisfied"
    assert outcome(tier, both, yes("b")) == "pending"


def test_nobody_is_two_of_n_by_deciding_for_another() -> None:
    said = [Said("a", "a", "approve"), Said("b", "a", "approve")]
    assert outcome([asking("n_of_m", 2)], people("a", "b"), said) == "pending"
    assert outcome([asking("all")], people("a", "b"), said) == "satisfied"


def test_an_approver_whose_own_limit_is_too_low_does_not_complete_alone() -> None:
    crowd = [Candidate(0, "a", "branch", "rule", complete=False), Candidate(0, "b", "hq", "ancestor")]
    assert outcome([asking()], crowd, yes("a")) == "pending"
    assert outcome([asking()], crowd, yes("a", "b")) == "satisfied"


def test_a_substitute_decides_in_place_of_all() -> None:
    crowd = [*people("a", "b"), Candidate(0, "boss", "hq", "escalation", substitute=True)]
    assert outcome([asking("all")], crowd, yes("boss")) == "satisfied"
    assert outcome([asking("all")], crowd, yes("a", "b")) == "satisfied"
    assert outcome([asking("all")], crowd, yes("a")) == "pending"


def test_a_tier_without_anybody_is_never_satisfied() -> None:
    assert outcome([asking("all")], [], []) == "pending"


def content(lines: dict[str, int], **fields: Any) -> Any:
    order = {"currency": "EUR", "ship_to": {"country": "AT", "line1": "Main street 1"}} | fields
    return content_of(order, [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()])


BEFORE = content({"A": 5, "B": 2})


@pytest.mark.parametrize(
    ("now", "minor", "kept"),
    [
        (BEFORE, 10_000, True),
        (content({"A": 4}), 8_000, True),
        (BEFORE, 10_001, False),
        (content({"A": 6, "B": 1}), 9_000, False),
        (content({"A": 5, "C": 1}), 9_000, False),
        (content({"A": 5, "B": 2}, ship_to={"country": "DE"}), 10_000, False),
        (content({"A": 5, "B": 2}, currency="CHF"), 10_000, False),
    ],
)
def test_an_edit_keeps_the_approval_only_where_nothing_is_added(now: Any, minor: int, kept: bool) -> None:
    assert covers(BEFORE, 10_000, now, minor) is kept


def test_lines_of_one_sku_are_one_quantity() -> None:
    order = {"currency": "EUR", "ship_to": None}
    split = content_of(order, [{"sku": "A", "quantity": 2}, {"sku": "A", "quantity": 3}])
    assert hash_of(split) == hash_of(content_of(order, [{"sku": "A", "quantity": 5}]))


def test_who_is_behind_the_order_is_self_in_every_guise() -> None:
    assert is_self(["u1", "u2"], "u3", "u2")
    assert not is_self(["u1"], "u3", None)
