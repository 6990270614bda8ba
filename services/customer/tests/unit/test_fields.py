"""Values of defined fields: what each type takes, keeps and refuses, and what an edit changes."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer.domain.fields import records
from customer.domain.fields.cells import value_of
from customer.domain.fields.definitions import SETTINGS, TYPES, define, redefine
from customer.domain.fields.values import Wrong, comparable, read, read_secret, widened
from customer.errors.custom_fields import DefinitionInvalid, ValuesInvalid
from customer.use_cases.field_checks import CHECKS

OPTIONS = [
    {"id": "n", "label": "North", "colour": None, "archived": False},
    {"id": "s", "label": "South", "colour": None, "archived": False},
    {"id": "w", "label": "West", "colour": None, "archived": True},
]


def field(kind: str, **settings: Any) -> dict[str, Any]:
    body = {"label": "Field", "type": kind} | ({"options": OPTIONS} if "select" in kind else {}) | settings
    return {"key": "f", **define(body, CHECKS)}


@pytest.mark.parametrize(
    ("kind", "settings", "given", "kept"),
    [
        ("text", {}, "  North 4 ", "North 4"),
        ("text", {"pattern": "[A-Z]{2}"}, "AB", "AB"),
        ("long_text", {}, "one\ntwo", "one\ntwo"),
        ("integer", {}, 7, 7),
        ("integer", {}, "-12", -12),
        ("integer", {"min": 1, "max": 5}, 5, 5),
        ("decimal", {}, 12.5, "12.5"),
        ("decimal", {}, "12.30", "12.30"),
        ("decimal", {}, "-0", "0"),
        ("decimal", {"decimals": 2}, "0.25", "0.25"),
        ("money", {}, {"amount": "12.30", "currency": "eur"}, {"amount": "12.30", "currency": "EUR"}),
        ("money", {"max": "100"}, {"amount": 100, "currency": "USD"}, {"amount": "100", "currency": "USD"}),
        ("boolean", {}, False, False),
        ("date", {}, "2028-02-29", "2028-02-29"),
        ("datetime", {}, "2026-03-02T10:30:00+01:00", "2026-03-02T09:30:00Z"),
        ("datetime", {"min": "2026-01-01T00:00:00Z"}, "2026-03-02T09:30Z", "2026-03-02T09:30:00Z"),
        ("select", {}, "n", "n"),
        ("multi_select", {}, ["s", "n", "s"], ["n", "s"]),
        ("multi_select", {}, [], None),
        ("url", {}, "https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("email", {}, "Ada@example.org", "Ada@example.org"),
        ("phone", {}, "+49 (30) 901820", "+4930901820"),
        ("country", {}, "de", "DE"),
        ("reference", {}, "01980A2E-6D1C-7B04-9F6E-2A51C0DE0001", "01980a2e-6d1c-7b04-9f6e-2a51c0de0001"),
    ],
)
def test_each_type_keeps_one_form(kind: str, settings: dict[str, Any], given: Any, kept: Any) -> None:
    assert read(field(kind, **settings), given, CHECKS) == kept


@pytest.mark.parametrize(
    ("kind", "settings", "given", "says"),
    [
        ("text", {}, 5, "text"),
        ("text", {}, "a\nb", "one line"),
        ("text", {}, "a\x00b", "stored"),
        ("text", {}, "x" * 501, "at most 500"),
        ("text", {"min_length": 2}, "x", "2 to 500"),
        ("text", {"pattern": r"\d+", "pattern_message": "Digits only."}, "x", "Digits only."),
        ("text", {"pattern": r"\d+"}, "1" * 101, "at most 100"),
        ("long_text", {}, "x" * 10_001, "10000"),
        ("integer", {}, 1.5, "whole"),
        ("integer", {}, True, "number"),
        ("integer", {}, "1e3", "digits"),
        ("integer", {}, 10**15, "15 digits"),
        ("integer", {}, 1e300, "15 digits"),
        ("integer", {"min": 1, "max": 5}, 6, "1 to 5"),
        ("integer", {"min": 1}, 0, "at least 1"),
        ("decimal", {"decimals": 2}, "0.125", "2 digits"),
        ("decimal", {}, "NaN", "digits"),
        ("decimal", {}, None, "number"),
        ("money", {}, "12 EUR", "amount"),
        ("money", {}, {"amount": "1", "currency": "XYZ"}, "currency"),
        ("money", {}, {"amount": "1"}, "amount"),
        ("money", {"max": "100"}, {"amount": "100.01", "currency": "EUR"}, "at most 100"),
        ("boolean", {}, "yes", "true or false"),
        ("boolean", {}, 1, "true or false"),
        ("date", {}, "2027-02-29", "calendar"),
        ("date", {}, "20270228", "date"),
        ("date", {"max": "2026-01-01"}, "2026-01-02", "at most"),
        ("datetime", {}, "2026-03-02T09:30:00", "offset"),
        ("datetime", {}, "0001-01-01T00:00:00+14:00", "calendar"),
        ("select", {}, "x", "n, s"),
        ("select", {}, "w", "n, s"),
        ("select", {}, ["n"], "n, s"),
        ("multi_select", {}, "n", "list"),
        ("multi_select", {}, [1], "ids"),
        ("url", {}, "javascript:alert(1)", "https"),
        ("url", {}, "https://", "https"),
        ("url", {}, "http://[x", "https"),
        ("email", {}, "ada", "e-mail"),
        ("phone", {}, "030 901820", "country"),
        ("country", {}, "ZZ", "ISO 3166"),
        ("reference", {}, "x", "id"),
        ("auto_number", {}, "1", "by itself"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(
    kind: str, settings: dict[str, Any], given: Any, says: str
) -> None:
    with pytest.raises(Wrong, match=says):
        read(field(kind, **settings), given, CHECKS)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(kind=st.sampled_from(TYPES), value=ANYTHING)
def test_whatever_arrives_is_kept_in_a_form_that_is_kept_again_or_refused(kind: str, value: Any) -> None:
    definition = field(kind)
    try:
        kept = read(definition, value, CHECKS)
    except Wrong:
        return
    if kept is not None:
        assert read(definition, kept, CHECKS) == kept


@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14))
def test_a_decimal_is_never_rounded(value: Any) -> None:
    assert type(value)(read(field("decimal"), format(value, "f"), CHECKS)) == value


def test_an_archived_option_stays_where_it_is() -> None:
    assert read(field("select"), "w", CHECKS, "w") == "w"
    assert read(field("multi_select"), ["w", "n"], CHECKS, ["w"]) == ["n", "w"]


def test_a_refused_secret_is_not_repeated() -> None:
    definition = field("secret", pattern=r"\d{4}", pattern_message="Four digits.")
    assert read_secret(definition, "0042") == "0042"
    assert read_secret(field("secret"), "  with spaces ") == "  with spaces "
    for value in ("hunter2-canary", "", None, 5, "x\x00"):
        with pytest.raises(Wrong) as refused:
            read_secret(definition, value)
        assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("narrow", "wide", "kept", "becomes"),
    [
        ("integer", "decimal", 12, "12"),
        ("text", "long_text", "a", "a"),
        ("select", "multi_select", "n", ["n"]),
        ("date", "datetime", "2026-03-02", "2026-03-02T00:00:00Z"),
    ],
)
def test_a_type_widens_and_its_values_with_it(narrow: str, wide: str, kept: Any, becomes: Any) -> None:
    wider = redefine(field(narrow), {"type": wide}, CHECKS)
    assert widened(wider, kept) == becomes
    assert read({"key": "f", **wider}, becomes, CHECKS) == becomes
    with pytest.raises(DefinitionInvalid, match="make a new field"):
        redefine(field(wide), {"type": narrow}, CHECKS)


def test_bounds_and_default_widen_with_the_type() -> None:
    wider = redefine(field("date", min="2026-01-01", default="2026-02-01"), {"type": "datetime"}, CHECKS)
    assert (wider["min"], wider["default"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "integer", "max_length": 3}, "/max_length"),
        ({"type": "boolean", "unique": True}, "/unique"),
        ({"type": "select"}, "/options"),
        ({"type": "select", "options": [OPTIONS[0], OPTIONS[0]]}, "/options/1/id"),
        ({"type": "select", "options": OPTIONS, "default": "x"}, "/default"),
        ({"type": "integer", "min": "x"}, "/min"),
        ({"type": "integer", "min": 5, "max": 4}, "/max"),
        ({"type": "integer", "max": 4, "default": 5}, "/default"),
        ({"type": "text", "max_length": 501}, "/max_length"),
        ({"type": "text", "pattern": "a", "max_length": 201}, "/max_length"),
        ({"type": "text", "min_length": 9, "max_length": 8}, "/min_length"),
        ({"type": "text", "pattern": "(a+)+"}, "/pattern"),
        ({"type": "text", "pattern_message": "why"}, "/pattern_message"),
        ({"type": "auto_number", "required": True}, "/required"),
        ({"type": "text", "unique": True, "default": "x"}, "/default"),
        ({"type": "date", "min": [1]}, "/min"),
        ({"type": "money", "min": {"amount": "1", "currency": "EUR"}}, "/min"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(body: dict[str, Any], pointer: str) -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        define({"label": "Field"} | body, CHECKS)
    assert pointer in [error.pointer for error in refused.value.errors]


def test_every_type_can_be_defined_with_nothing_but_a_label() -> None:
    assert {kind for kind in SETTINGS if field(kind)["type"] == kind} == set(SETTINGS)


def test_options_that_are_left_out_are_archived() -> None:
    after = redefine(field("select"), {"options": [{"id": "s", "label": "Southern"}]}, CHECKS)
    assert [(one["id"], one["label"], one["archived"]) for one in after["options"]] == [
        ("s", "Southern", False),
        ("n", "North", True),
        ("w", "West", True),
    ]


def test_a_field_never_becomes_unique_later() -> None:
    with pytest.raises(DefinitionInvalid, match="Only a new field"):
        redefine(field("text"), {"unique": True}, CHECKS)


def fields(**kinds: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: {"key": key, **define({"label": key.title()} | dict(body), CHECKS)} for key, body in kinds.items()}


ROUTE = fields(
    route={"type": "text", "required": True},
    side={"type": "select", "options": OPTIONS, "default": "n"},
    born={"type": "date", "personal": True},
)


def test_a_merge_patch_changes_what_it_names() -> None:
    merged = records.merge(ROUTE, {"route": "4", "side": "s"}, {"side": None}, CHECKS, pointer="/custom_fields")
    assert merged.values == {"route": "4"}


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(ValuesInvalid, match="rout/e") as refused:
        records.merge(ROUTE, {"route": "4"}, {"rout/e": "5"}, CHECKS, pointer="/custom_fields")
    [error] = refused.value.errors
    assert (error.pointer, error.code) == ("/custom_fields/rout~1e", "unknown_field")


def test_a_required_field_is_asked_for_when_the_fields_are_edited() -> None:
    with pytest.raises(ValuesInvalid) as refused:
        records.merge(ROUTE, {"side": "s"}, {"side": "n"}, CHECKS, pointer="/custom_fields")
    assert [error.pointer for error in refused.value.errors] == ["/custom_fields/route"]
    assert records.merge(ROUTE, {}, {"route": "4"}, CHECKS, pointer="").values == {"route": "4"}


def test_a_default_is_for_new_records_only() -> None:
    assert records.start(ROUTE, {"route": "4"}, CHECKS, pointer="").values == {"route": "4", "side": "n"}
    assert records.start(ROUTE, {"route": "4", "side": None}, CHECKS, pointer="").values == {"route": "4"}
    assert records.merge(ROUTE, {"route": "4"}, {"route": "5"}, CHECKS, pointer="").values == {"route": "5"}


def test_values_of_a_field_that_is_gone_stay_unseen() -> None:
    merged = records.merge(ROUTE, {"route": "4", "old": 1}, {"route": "5"}, CHECKS, pointer="")
    assert merged.values == {"route": "5", "old": 1}
    assert records.shown(ROUTE, merged.values) == {"route": "5"}


def test_a_condition_keeps_a_field_from_other_customers() -> None:
    only = fields(vat={"type": "text", "required": True, "condition": {"kinds": ["business"], "group_ids": ["g"]}})
    business, person = {"kind": "business", "group_id": "g"}, {"kind": "person", "group_id": "g"}
    assert records.applies(only["vat"], business)
    assert not records.applies(only["vat"], person)
    assert not records.applies(only["vat"], business | {"group_id": None})
    assert records.start(only, {}, CHECKS, pointer="", suits=lambda one: records.applies(one, person)).values == {}
    with pytest.raises(ValuesInvalid, match="vat"):
        records.start(only, {"vat": "x"}, CHECKS, pointer="", suits=lambda one: records.applies(one, person))


def test_a_change_holds_the_labels_of_its_options_and_no_personal_value() -> None:
    after = {"route": "4", "side": "s", "born": "1990-01-01"}
    assert records.changes(ROUTE, {"route": "4", "side": "n"}, after, {}) == [
        {
            "path": "cf.side",
            "label": "Side",
            "before": "n",
            "after": "s",
            "before_label": "North",
            "after_label": "South",
        },
        {"path": "cf.born", "label": "Born", "before": None, "after": None},
    ]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("text", "North  4", "NORTH 4"),
        ("text", "\uff2eorth 4", "north 4"),
        ("email", "Ada@example.org", "ada@EXAMPLE.org"),
        ("decimal", "12.50", "12.5"),
        ("integer", 12, 12),
    ],
)
def test_unique_values_are_compared_without_case_and_form(kind: str, one: Any, other: Any) -> None:
    assert comparable(field(kind), one) == comparable(field(kind), other)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("select", "north", "n"),
        ("multi_select", "North; s", ["n", "s"]),
        ("money", "12.30 EUR", {"amount": "12.30", "currency": "EUR"}),
        ("money", "usd 5", {"amount": "5", "currency": "USD"}),
        ("decimal", "12.5", "12.5"),
        ("date", "2026-03-02", "2026-03-02"),
    ],
)
def test_a_cell_of_a_spreadsheet_becomes_a_value(kind: str, cell: str, value: Any) -> None:
    assert read(field(kind), value_of(field(kind), cell), CHECKS) == value


@pytest.mark.parametrize(("kind", "cell"), [("boolean", "maybe"), ("money", "12"), ("money", "EUR 5 USD")])
def test_a_cell_that_is_no_value_is_refused(kind: str, cell: str) -> None:
    with pytest.raises(Wrong):
        value_of(field(kind), cell)
