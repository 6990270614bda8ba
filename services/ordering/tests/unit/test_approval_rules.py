"""Which approval rules count, what they ask of an order, and how they are merged into tiers."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ordering.domain.approval_facts import asks, facts_of, read_predicate
from ordering.domain.approval_rules import check_tiers, concerns, in_force, merged
from ordering.domain.rates import Rates
from ordering.errors.approvals import RuleUnsuitable

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
ROLE_TIER = {"approvers": [{"kind": "role", "value": "approver"}], "mode": "any"}


def rule(**fields: Any) -> dict[str, Any]:
    return {
        "id": "r1",
        "customer_id": "branch",
        "name": "Above 1,000",
        "priority": 0,
        "status": "active",
        "predicate": {"field": "total", "op": "gt", "value": 1000},
        "currency": "EUR",
        "roles": [],
        "account_ids": [],
        "tiers": [ROLE_TIER],
        "inheritance": "inherit_and_add",
        "valid_from": None,
        "valid_to": None,
    } | fields


def order(**fields: Any) -> dict[str, Any]:
    return {"total_minor": 100_001, "currency": "EUR", "ship_to": {"country": "AT"}} | fields


LINES = [
    {"sku": "A-1", "quantity": 3, "kind": "stock", "category": "Chairs"},
    {"sku": "B-2", "quantity": 12, "kind": "service"},
]


def asked(predicate: Any, *, rates: Rates | None = None, known: tuple[str, ...] = (), **fields: Any) -> str | None:
    facts = facts_of(order(**fields), LINES, ["buyer"], known)
    return asks(rule(predicate=predicate), facts, rates or Rates(), NOW)


@pytest.mark.parametrize(("minor", "reason"), [(100_000, None), (100_001, "rule")])
def test_one_cent_above_the_threshold_asks_for_an_approval(minor: int, reason: str | None) -> None:
    assert asked({"field": "total", "op": "gt", "value": 1000}, total_minor=minor) == reason


@pytest.mark.parametrize(
    "predicate",
    [
        {"field": "line_count", "op": "eq", "value": 2},
        {"field": "quantity", "op": "gte", "value": 15},
        {"field": "line_quantity", "op": "gt", "value": 10},
        {"field": "sku", "op": "in", "value": ["b-2"]},
        {"field": "category", "op": "eq", "value": "chairs"},
        {"field": "kind", "op": "eq", "value": "service"},
        {"field": "ship_to_country", "op": "ne", "value": "DE"},
        {"field": "requester_roles", "op": "any_of", "value": ["Buyer"]},
        {"field": "currency", "op": "eq", "value": "EUR"},
        {"field": "first_time", "op": "eq", "value": True},
        {"all": []},
    ],
)
def test_every_field_can_ask_for_an_approval(predicate: Any) -> None:
    assert asked(predicate) == "rule"


def test_what_was_ordered_before_is_no_first_time() -> None:
    assert asked({"field": "first_time", "op": "eq", "value": True}, known=("A-1", "B-2")) is None


def test_an_amount_without_a_fresh_rate_is_shown_to_a_person() -> None:
    predicate = {"field": "total", "op": "gt", "value": 1000}
    old = {"base": "CHF", "quote": "EUR", "rate": "0.9", "as_of": date(2026, 2, 20), "source": "bank"}
    assert asked(predicate, currency="CHF") == "no_rate"
    assert asked(predicate, currency="CHF", rates=Rates.on(TODAY, [old])) == "no_rate"


@pytest.mark.parametrize(("minor", "reason"), [(111_111, None), (111_112, "rule"), (111_113, "rule")])
def test_a_total_in_another_currency_is_converted_and_rounded_up(minor: int, reason: str | None) -> None:
    fresh = {"base": "CHF", "quote": "EUR", "rate": "0.9", "as_of": date(2026, 3, 1), "source": "bank"}
    predicate = {"field": "total", "op": "gt", "value": 1000}
    assert asked(predicate, currency="CHF", total_minor=minor, rates=Rates.on(TODAY, [fresh])) == reason


def test_a_rule_that_does_not_speak_of_the_total_needs_no_rate() -> None:
    assert asked({"field": "line_count", "op": "gt", "value": 5}, currency="CHF") is None


def test_a_wrong_predicate_is_named_by_its_place() -> None:
    with pytest.raises(RuleUnsuitable) as refused:
        read_predicate({"all": [{"field": "margin", "op": "gt", "value": 1}]})
    assert refused.value.errors[0].pointer == "/predicate/all/0/field"


def named(rules: list[dict[str, Any]], line: tuple[str, ...] = ("branch", "hq")) -> list[str]:
    return [each["name"] for each in in_force(rules, line, TODAY)]


def test_rules_of_the_head_office_are_inherited_and_added_to() -> None:
    assert named([rule(name="own"), rule(id="r2", customer_id="hq", name="above")]) == ["own", "above"]


def test_a_replacing_rule_keeps_out_what_is_above_but_not_what_is_locked() -> None:
    rules = [
        rule(name="own", inheritance="replace"),
        rule(id="r2", customer_id="hq", name="above"),
        rule(id="r3", customer_id="hq", name="locked", inheritance="lock"),
    ]
    assert named(rules) == ["own", "locked"]


def test_a_replacing_rule_that_is_off_replaces_nothing() -> None:
    rules = [rule(inheritance="replace", status="inactive"), rule(id="r2", customer_id="hq", name="above")]
    assert named(rules) == ["above"]


def test_a_rule_of_a_sibling_does_not_count() -> None:
    assert named([rule(customer_id="sibling")]) == []


def test_a_rule_counts_from_its_first_to_its_last_day() -> None:
    assert named([rule(valid_from=TODAY, valid_to=TODAY)]) == ["Above 1,000"]
    assert named([rule(valid_to=date(2026, 3, 1))]) == []
    assert named([rule(valid_from=date(2026, 3, 3))]) == []


def test_a_rule_without_names_is_for_everyone() -> None:
    assert concerns(rule(), "u1", [])
    assert concerns(rule(roles=["buyer"]), "u1", ["buyer"])
    assert concerns(rule(account_ids=["u1"]), "u1", [])
    assert not concerns(rule(roles=["admin"], account_ids=["u2"]), "u1", ["buyer"])


def test_the_same_group_asked_for_by_two_rules_is_asked_once() -> None:
    user_tier = {"approvers": [{"kind": "user", "value": "u9"}], "mode": "any"}
    tiers = merged([rule(), rule(name="Second", tiers=[ROLE_TIER, user_tier])])
    assert [len(tier) for tier in tiers] == [1, 1]
    assert tiers[0][0].rules == ("Above 1,000", "Second")
    assert tiers[1][0].approvers[0].value == "u9"


def test_different_groups_at_one_tier_are_all_asked() -> None:
    all_of = {"approvers": [{"kind": "role", "value": "admin"}], "mode": "all"}
    [tier] = merged([rule(), rule(name="Second", tiers=[all_of])])
    assert [requirement.mode for requirement in tier] == ["any", "all"]


@pytest.mark.parametrize(
    ("tiers", "pointer"),
    [
        ([], "/tiers"),
        ([{"approvers": [], "mode": "any"}], "/tiers/0/approvers"),
        ([{"approvers": [{"kind": "role", "value": "buyer"}], "mode": "any"}], "/tiers/0/approvers/0/value"),
        ([{"approvers": [{"kind": "user"}], "mode": "any"}], "/tiers/0/approvers/0/value"),
        ([ROLE_TIER | {"mode": "n_of_m"}], "/tiers/0/n"),
        ([ROLE_TIER | {"n": 2}], "/tiers/0/n"),
        ([{"approvers": [{"kind": "user", "value": "u1"}], "mode": "n_of_m", "n": 2}], "/tiers/0/n"),
    ],
)
def test_tiers_that_nobody_could_decide_are_refused(tiers: list[Any], pointer: str) -> None:
    with pytest.raises(RuleUnsuitable) as refused:
        check_tiers(tiers)
    assert refused.value.errors[0].pointer == pointer
