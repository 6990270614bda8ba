"""What a rule is true of: missing values, text, time, related records, and the explanation."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_rules import Field, Fields, When, explain, fold, matches, parse

FIELDS = Fields(
    [
        Field("city", "City", "text"),
        Field("tag", "Tag", "choice", ("tag_ids",), many=True),
        Field("group", "Group", "choice"),
        Field("created_at", "Created", "datetime"),
        Field("born", "Born", "date"),
        Field("seats", "Seats", "number", ("custom_fields", "seats")),
        Field("vip", "Vip", "boolean", default=False),
        Field("contact.name", "Contact", "text", ("name",), related="contacts"),
        Field("contact.role", "Role", "choice", ("roles",), many=True, related="contacts"),
    ]
)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday
BERLIN = ZoneInfo("Europe/Berlin")


def holds(record: dict[str, Any], field: str, op: str, value: Any = None, at: datetime = NOW, **more: Any) -> bool:
    said = {"field": field, "op": op, **more} | ({} if value is None else {"value": value})
    return matches(parse(said, FIELDS), record, When(at, BERLIN))


@pytest.mark.parametrize(
    ("op", "value", "true"),
    [
        ("eq", "Kiel", False),
        ("contains", "K", False),
        ("is_set", None, False),
        ("ne", "Kiel", True),
        ("nin", ["Kiel"], True),
        ("is_not_set", None, True),
    ],
)
def test_of_a_missing_value_only_negative_operators_are_true(op: str, value: Any, true: bool) -> None:
    assert holds({}, "city", op, value) is true
    assert holds({"city": None}, "city", op, value) is true


def test_none_of_is_true_without_tags_and_all_of_is_not() -> None:
    assert holds({"tag_ids": []}, "tag", "none_of", ["a"])
    assert not holds({"tag_ids": []}, "tag", "all_of", ["a"])
    assert holds({"tag_ids": ["a", "b"]}, "tag", "all_of", ["a", "b"])
    assert not holds({"tag_ids": ["a"]}, "tag", "all_of", ["a", "b"])


def test_zero_and_false_are_values() -> None:
    assert holds({"custom_fields": {"seats": 0}}, "seats", "eq", 0)
    assert holds({"custom_fields": {"seats": 0}}, "seats", "is_set")
    assert holds({"custom_fields": {"seats": "0.00"}}, "seats", "lt", "0.01")
    assert holds({}, "vip", "eq", False)


@pytest.mark.parametrize("text", ["MÜNCHEN", "mu\u0308nchen", "munchen", "ＭÜnchen"])
def test_text_is_compared_without_case_accents_and_compatibility_forms(text: str) -> None:
    assert holds({"city": "München"}, "city", "eq", text)


@pytest.mark.parametrize(
    ("stored", "op", "value", "true"),
    [
        ("Straße", "eq", "STRASSE", True),
        ("ΕΛΛΆΣ", "eq", "ελλας", True),
        ("North Sea Trading", "matches_word", "sea", True),
        ("Seattle", "matches_word", "sea", False),
        ("a.sea-b", "matches_word", "SEA", True),
        ("50% off_x", "contains", "%", True),
        ("off", "contains", "%", False),
        ("North", "starts_with", "NO", True),
        ("North", "starts_with", "TH", False),
        ("North", "ends_with", "TH", True),
        ("North", "ends_with", "NO", False),
        ("North", "in", ["south", "north"], True),
    ],
)
def test_texts(stored: str, op: str, value: Any, true: bool) -> None:
    assert holds({"city": stored}, "city", op, value) is true


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def at(text: str) -> dict[str, Any]:
    return {"created_at": datetime.fromisoformat(text)}


@pytest.mark.parametrize(
    ("moment", "op", "value", "true"),
    [
        # The day begins at 23:00 UTC in Berlin's winter.
        ("2026-03-01T23:00:00Z", "on", "2026-03-02", True),
        ("2026-03-01T22:59:59Z", "on", "2026-03-02", False),
        ("2026-03-02T22:59:59Z", "before", "2026-03-03", True),
        ("2026-03-02T23:00:00Z", "after", "2026-03-02", True),
        ("2026-03-02T22:59:59Z", "after", "2026-03-02", False),
        ("2026-03-02T09:00:00Z", "after", "2026-03-02T09:00:00Z", False),
        ("2026-03-02T23:30:00Z", "between", ["2026-03-01", "2026-03-02"], False),
        ("2026-03-01T23:00:00Z", "this", "week", True),
        ("2026-03-01T22:59:00Z", "this", "week", False),
        ("2026-03-01T22:59:00Z", "last", "week", True),
        ("2026-02-28T22:59:00Z", "last", "month", True),
        ("2026-02-28T23:00:00Z", "this", "month", True),
        ("2025-12-31T23:00:00Z", "this", "quarter", True),
        ("2025-12-31T22:59:00Z", "last", "year", True),
        ("2026-03-02T09:30:00Z", "within_last", {"n": 1, "unit": "hour"}, True),
        ("2026-03-02T08:30:00Z", "within_last", {"n": 1, "unit": "hour"}, True),
        ("2026-03-02T08:29:59Z", "within_last", {"n": 1, "unit": "hour"}, False),
        ("2026-03-02T09:30:01Z", "within_last", {"n": 1, "unit": "hour"}, False),
        ("2026-02-02T09:30:00Z", "within_last", {"n": 1, "unit": "month"}, True),
        ("2026-03-09T09:30:00Z", "within_next", {"n": 1, "unit": "week"}, True),
        ("2026-03-09T09:30:01Z", "within_next", {"n": 1, "unit": "week"}, False),
        ("2020-03-02T12:00:00Z", "anniversary", None, True),
        ("2026-03-02T08:00:00Z", "anniversary", None, False),
        ("2020-03-05T12:00:00Z", "anniversary", {"n": 3, "unit": "day"}, True),
    ],
)
def test_times_are_seen_in_the_time_zone(moment: str, op: str, value: Any, true: bool) -> None:
    assert holds(at(moment), "created_at", op, value) is true


def test_a_day_that_the_clocks_change_on_has_its_own_length() -> None:
    sunday = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
    assert holds(at("2026-03-28T23:00:00Z"), "created_at", "this", "day", sunday)
    assert holds(at("2026-03-29T21:59:59Z"), "created_at", "this", "day", sunday)
    assert not holds(at("2026-03-29T22:00:00Z"), "created_at", "this", "day", sunday)
    # The same time of the day before, one hour less ago.
    assert holds(at("2026-03-28T13:00:00Z"), "created_at", "within_last", {"n": 1, "unit": "day"}, sunday)
    assert not holds(at("2026-03-28T12:59:59Z"), "created_at", "within_last", {"n": 1, "unit": "day"}, sunday)


def test_the_29th_of_february_is_kept_on_the_28th_where_there_is_none() -> None:
    assert holds({"born": "2000-02-29"}, "born", "anniversary", at=datetime(2027, 2, 28, 12, tzinfo=UTC))
    assert not holds({"born": "2000-02-29"}, "born", "anniversary", at=datetime(2028, 2, 28, 12, tzinfo=UTC))


def test_a_month_before_the_31st_ends_where_the_month_ends() -> None:
    march = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert holds({"born": "2026-02-28"}, "born", "within_last", {"n": 1, "unit": "month"}, march)
    assert not holds({"born": "2026-02-27"}, "born", "within_last", {"n": 1, "unit": "month"}, march)


def test_quantifiers() -> None:
    record = {"contacts": [{"name": "Ann", "roles": ["buyer"]}, {"name": "Bob", "roles": ["buyer", "finance"]}]}
    buyers = {"field": "contact.role", "op": "any_of", "value": ["buyer"]}
    assert holds(record, **buyers)
    assert not holds(record, **buyers, quantifier="none")
    assert holds({}, **buyers, quantifier="none")
    assert holds(record, **buyers, quantifier="count", count={"op": "eq", "value": 2})
    assert holds(record, **buyers, quantifier="count", count={"op": "between", "value": [1, 2]})
    assert holds({}, **buyers, quantifier="count", count={"op": "lt", "value": 1})
    # `any` with a negative operator asks for one of whom it is true.
    assert holds(record, "contact.role", "none_of", ["finance"])
    assert not holds(record, "contact.role", "none_of", ["buyer"])


def test_an_explanation_says_of_each_part_what_it_is_and_what_was_found() -> None:
    rule = parse(
        {
            "all": [
                {"field": "city", "op": "eq", "value": "Kiel"},
                {"not": {"field": "contact.name", "op": "contains", "value": "x"}},
            ]
        },
        FIELDS,
    )
    record = {"city": "Bonn", "contacts": [{"name": "Ann"}, {"name": "Max"}]}
    assert explain(rule, record, When(NOW)) == {
        "result": False,
        "all": [
            {"result": False, "label": "City", "field": "city", "op": "eq", "value": "Kiel", "found": ["Bonn"]},
            {
                "result": False,
                "not": {
                    "result": True,
                    "label": "Contact",
                    "field": "contact.name",
                    "op": "contains",
                    "value": "x",
                    "quantifier": "any",
                    "found": ["Ann", "Max"],
                },
            },
        ],
    }


def test_a_rule_knows_what_it_speaks_of_and_whether_time_changes_it() -> None:
    rule = parse(
        {"any": [{"field": "created_at", "op": "this", "value": "day"}, {"field": "city", "op": "is_set"}]}, FIELDS
    )
    assert (rule.field_names, rule.is_relative) == ({"created_at", "city"}, True)
    assert not parse({"field": "created_at", "op": "after", "value": "2026-01-01"}, FIELDS).is_relative
