"""What is a rule, what is none, and where that is said."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_rules import MAX_DEPTH, MAX_LEAVES, Field, Fields, Problem, Rule, RuleInvalid, parse, to_tree

FIELDS = Fields(
    [
        Field("city", "City", "text", words=True),
        Field("name", "Name", "text", words=True),
        Field("kind", "Kind", "choice", choices={"business": "Business", "person": "Person"}),
        Field("tag", "Tag", "choice", many=True, choices={"t1": "VIP", "t2": "Retail"}),
        Field("created_at", "Created", "datetime"),
        Field("since", "Since", "date"),
        Field("seats", "Seats", "number"),
        Field("vip", "Vip", "boolean"),
        Field("contact.role", "Role", "choice", ("roles",), many=True, related="contacts"),
    ]
)
LEAF = {"field": "city", "op": "eq", "value": "Berlin"}


def nested(levels: int) -> dict[str, Any]:
    rule: dict[str, Any] = dict(LEAF)
    for _ in range(levels - 1):
        rule = {"not": rule}
    return rule


def problems(rule: Any) -> dict[str, str]:
    """Pointer -> code of all that is wrong."""
    with pytest.raises(RuleInvalid) as refused:
        parse(rule, FIELDS)
    return {problem.pointer: problem.code for problem in refused.value.problems}


def attempt(read: Callable[[], Rule]) -> tuple[Rule | None, Sequence[Problem]]:
    """The rule, or why there is none."""
    try:
        return read(), ()
    except RuleInvalid as refused:
        return None, refused.problems


def test_a_rule_of_depth_seven_is_refused_where_it_gets_too_deep() -> None:
    assert parse(nested(MAX_DEPTH), FIELDS).document == nested(MAX_DEPTH)
    assert problems(nested(7)) == {"/not" * 6: "rule_too_deep"}


def test_a_rule_of_any_depth_is_refused_without_following_it_down() -> None:
    assert problems(nested(5_000)) == {"/not" * 6: "rule_too_deep"}


def test_more_than_fifty_comparisons_are_refused() -> None:
    many = {"all": [{"any": [LEAF] * 25}, {"any": [LEAF] * 25}]}
    assert parse(many, FIELDS).document == many
    assert problems({"all": [many, LEAF]}) == {"": "rule_too_large"}
    assert problems({"all": [LEAF] * (MAX_LEAVES + 1)}) == {"/all": "rule_too_large"}


def test_everything_that_is_wrong_is_said_at_once_with_its_place() -> None:
    rule = {
        "all": [
            {"field": "colour", "op": "eq", "value": "red"},
            {"any": [{"field": "city", "op": "gt", "value": 3}, {"field": "seats", "op": "gt", "value": "many"}]},
            {"field": "tag", "op": "any_of", "value": ["VIP", "Nobody"]},
            {"field": "city", "op": "eq", "value": "x", "a/b": 1},
        ]
    }
    assert problems(rule) == {
        "/all/0/field": "unknown_field",
        "/all/1/any/0/op": "unknown_operator",
        "/all/1/any/1/value": "invalid_value",
        "/all/2/value/1": "invalid_value",
        "/all/3/a~1b": "unknown_field",
    }


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        (None, ""),
        ([], ""),
        ({}, "/field"),
        ({"any": []}, "/any"),
        ({"all": {}}, "/all"),
        ({"all": [], "any": []}, ""),
        ({"not": 3}, "/not"),
        ({"field": ["city"], "op": "eq", "value": "x"}, "/field"),
        ({"field": "city", "op": ["eq"], "value": "x"}, "/op"),
        ({"field": "city", "op": "eq"}, "/value"),
        ({"field": "city", "op": "is_set", "value": "x"}, "/value"),
        ({"field": "city", "op": "eq", "value": "\u0301"}, "/value"),
        ({"field": "city", "op": "eq", "value": "a\x00"}, "/value"),
        ({"field": "city", "op": "in", "value": []}, "/value"),
        ({"field": "city", "op": "in", "value": ["x"] * 201}, "/value"),
        ({"field": "city", "op": "matches_word", "value": "two words"}, "/value"),
        ({"field": "city", "op": "eq", "value": "x", "quantifier": "any"}, "/quantifier"),
        ({"field": "kind", "op": "eq", "value": "robot"}, "/value"),
        ({"field": "seats", "op": "between", "value": [5, 1]}, "/value"),
        ({"field": "seats", "op": "eq", "value": True}, "/value"),
        ({"field": "seats", "op": "eq", "value": float("nan")}, "/value"),
        ({"field": "vip", "op": "eq", "value": 1}, "/value"),
        ({"field": "since", "op": "on", "value": "2026-02-30"}, "/value"),
        ({"field": "since", "op": "after", "value": "2026-02-03T10:00:00Z"}, "/value"),
        ({"field": "created_at", "op": "after", "value": "2026-02-03T10:00:00"}, "/value"),
        ({"field": "since", "op": "within_last", "value": {"n": 3, "unit": "hour"}}, "/value/unit"),
        ({"field": "since", "op": "within_last", "value": {"n": 0, "unit": "day"}}, "/value/n"),
        ({"field": "since", "op": "this", "value": "hour"}, "/value"),
        ({"field": "since", "op": "anniversary", "value": {"n": 400, "unit": "day"}}, "/value/n"),
        ({"field": "contact.role", "op": "any_of", "value": ["x"], "quantifier": "most"}, "/quantifier"),
        ({"field": "contact.role", "op": "any_of", "value": ["x"], "quantifier": "count"}, "/count"),
        ({"field": "contact.role", "op": "any_of", "value": ["x"], "count": {"op": "eq", "value": 1}}, "/count"),
    ],
)
def test_what_cannot_be_read_is_pointed_at(rule: Any, pointer: str) -> None:
    assert list(problems(rule)) == [pointer]


def test_choices_may_be_named_by_their_label_and_are_kept_by_their_value() -> None:
    rule = parse({"field": "tag", "op": "any_of", "value": ["vip", "t2", "RETAIL"]}, FIELDS)
    assert rule.document["value"] == ["t1", "t2"]
    assert parse(rule.document, FIELDS).document == rule.document


def test_a_label_that_two_choices_have_names_none() -> None:
    twins = Fields([Field("group", "Group", "choice", choices={"1": "Retail", "2": "RETAIL"})])
    with pytest.raises(RuleInvalid):
        parse({"field": "group", "op": "eq", "value": "retail"}, twins)
    assert parse({"field": "group", "op": "eq", "value": "2"}, twins).document["value"] == "2"


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["all", "any", "not", "field", "op", "value", "quantifier", "count", "n", "unit"]),
            inner,
            max_size=4,
        ),
        st.fixed_dictionaries(
            {"field": st.sampled_from(sorted(FIELDS)), "op": st.sampled_from(["eq", "in", "between", "within_last"])},
            optional={"value": inner, "quantifier": inner, "count": inner},
        ),
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_a_rule_or_is_refused_with_a_place(value: Any) -> None:
    read, found = attempt(lambda: parse(value, FIELDS))
    assert read is None or parse(read.document, FIELDS).document == read.document
    assert read is not None or found
    assert all(problem.pointer == "" or problem.pointer.startswith("/") for problem in found)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {"all": []}),
        ("city:Berlin", {"field": "city", "op": "eq", "value": "Berlin"}),
        ('city:"New York"', {"field": "city", "op": "eq", "value": "New York"}),
        ("city:Berlin,Kiel", {"field": "city", "op": "in", "value": ["Berlin", "Kiel"]}),
        ("city:Ber*", {"field": "city", "op": "starts_with", "value": "Ber"}),
        ("city:*", {"field": "city", "op": "is_set"}),
        ("-tag:vip", {"not": {"field": "tag", "op": "any_of", "value": ["t1"]}}),
        ("seats:>=10", {"field": "seats", "op": "gte", "value": 10}),
        ("seats:1..2.5", {"field": "seats", "op": "between", "value": [1, "2.5"]}),
        ("vip:yes", {"field": "vip", "op": "eq", "value": True}),
        ("created_at:30d", {"field": "created_at", "op": "within_last", "value": {"n": 30, "unit": "day"}}),
        ("since:>2026-01-31", {"field": "since", "op": "after", "value": "2026-01-31"}),
        (
            '"o\\"brien"',
            {"any": [{"field": name, "op": "contains", "value": 'o"brien'} for name in ("city", "name")]},
        ),
        (
            "city:Berlin tag:vip -kind:person",
            {
                "all": [
                    {"field": "city", "op": "eq", "value": "Berlin"},
                    {"field": "tag", "op": "any_of", "value": ["t1"]},
                    {"not": {"field": "kind", "op": "eq", "value": "person"}},
                ]
            },
        ),
    ],
)
def test_the_short_form_says_the_same_tree(text: str, tree: dict[str, Any]) -> None:
    assert parse(to_tree(text, FIELDS), FIELDS).document == tree


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("city:Kiel colour:red", 11),
        ('city:"open', 6),
        ("vip:perhaps", 5),
        ("since:>=2026-01-01", 7),
        ("http://x.test", 1),
    ],
)
def test_the_short_form_says_where_it_cannot_be_read(text: str, place: int) -> None:
    with pytest.raises(RuleInvalid) as refused:
        to_tree(text, FIELDS)
    assert refused.value.problems[0].detail.startswith(f"At character {place}:")


@given(st.text())
def test_any_text_is_a_tree_or_is_refused(text: str) -> None:
    read, found = attempt(lambda: parse(to_tree(text, FIELDS), FIELDS))
    assert read is not None or found
