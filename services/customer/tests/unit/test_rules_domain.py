"""The rules of tags, segments, saved filters and settings, without a database."""

from typing import Any

import pytest

from customer.domain.rule_fields import CustomField, Offered, fields, main_address, segments_of
from customer.domain.saved_filters import Viewer, check_may_change, sees
from customer.domain.segments import check_no_cycle, in_order, needed_by, ready
from customer.domain.settings import OWN_SETTINGS, Setting, changed, differences, resolve, walk_of
from customer.domain.tags import replaced, tags_change
from customer.errors.rules import FilterNotYours, SegmentCycle
from customer.errors.settings import SettingInvalid

SETTINGS = {setting.key: setting for setting in OWN_SETTINGS}


def test_each_segment_comes_after_those_that_it_needs() -> None:
    needs = {"c": ["b"], "b": ["a"], "a": [], "x": ["gone"]}
    order = in_order(needs)
    assert [order.index(each) for each in "abc"] == sorted(order.index(each) for each in "abc")
    assert set(order) == {"a", "b", "c", "x"}
    assert needed_by("a", needs) == ["b"]
    assert ready(["b", "c", "x"], needs)[:1] in (["b"], ["x"])
    assert "c" not in ready(["b", "c"], needs)


def test_a_ring_is_refused_with_the_way_round() -> None:
    with pytest.raises(SegmentCycle) as refused:
        check_no_cycle("a", {"a": ["c"], "b": ["a"], "c": ["b"]})
    assert set(refused.value.facts["path"]) == {"a", "b", "c"}
    with pytest.raises(SegmentCycle):
        check_no_cycle("a", {"a": ["a"]})


@pytest.mark.parametrize("value", [0, False, ""])
def test_an_empty_value_of_ones_own_beats_group_and_default(value: Any) -> None:
    setting = Setting(key="k", label="K", type="text", default_value="default")
    walk = walk_of([("customer", "group")], {"customer": {"k": value}, "group": {"k": "of the group"}})
    found = resolve(setting, walk)
    assert (found.value, found.source, found.source_id) == (value, "own", "customer")
    walk = walk_of([("customer", "group")], {"group": {"k": value}})
    assert (resolve(setting, walk).value, resolve(setting, walk).source) == (value, "group")


def test_the_nearest_that_decides_counts_and_only_some_settings_go_down_the_tree() -> None:
    nodes = [("branch", "g1"), ("middle", "g2"), ("head", None)]
    decided = {"g2": {"k": 2}, "head": {"k": 3}}
    inherited = Setting(key="k", label="K", type="integer", default_value=0, tree_inheritable=True)
    own_only = Setting(key="k", label="K", type="integer", default_value=0)
    found = resolve(inherited, walk_of(nodes, decided))
    assert (found.value, found.source, found.source_id) == (2, "ancestor_group", "g2")
    assert resolve(own_only, walk_of(nodes, decided)).source == "default"
    assert resolve(inherited, walk_of(nodes, {"head": {"k": 3}})).source == "ancestor"


def test_what_is_decided_and_what_is_inherited_are_told_apart() -> None:
    own = changed(SETTINGS, {"reminders": True}, {"payment_terms_days": 0}, ["reminders"])
    assert own == {"payment_terms_days": 0}
    found = {each["path"]: each for each in differences(SETTINGS, {"reminders": True}, own)}
    assert found["settings.reminders"]["after_label"] == "Inherited"
    assert (found["settings.payment_terms_days"]["after"], found["settings.payment_terms_days"]["after_label"]) == (
        0,
        "0",
    )
    assert differences(SETTINGS, own, dict(own)) == []


@pytest.mark.parametrize(
    ("values", "inherit", "pointer"),
    [
        ({"a/b": 1}, [], "/values/a~1b"),
        ({"reminders": 1}, [], "/values/reminders"),
        ({"payment_terms_days": True}, [], "/values/payment_terms_days"),
        ({"payment_terms_days": -1}, [], "/values/payment_terms_days"),
        ({"price_list": "\x00"}, [], "/values/price_list"),
        ({"reminders": True}, ["reminders"], "/inherit/0"),
    ],
)
def test_what_a_setting_cannot_be_is_pointed_at(values: dict[str, Any], inherit: list[str], pointer: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        changed(SETTINGS, {}, values, inherit)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_every_default_is_a_value_of_its_setting() -> None:
    assert changed(SETTINGS, {}, {key: setting.default_value for key, setting in SETTINGS.items()}, [])


def test_merged_tags_come_once() -> None:
    assert replaced(["a", "b", "c"], {"a": "c"}) == ["c", "b"]
    change = tags_change(["b", "a"], [], {"a": "Alpha", "b": "Beta"})
    assert (change["before_label"], change["after_label"]) == ("Alpha, Beta", None)


def test_a_filter_is_changed_by_its_owner_or_where_it_is_shared_by_who_decides_that() -> None:
    mine = {"owner": "me", "audience": "me", "role": None, "owner_label": "Me"}
    shared = mine | {"audience": "role", "role": "sales"}
    sales, manager = Viewer("you", "You", ["sales"], False), Viewer("boss", "Boss", [], True)
    assert [sees(sales, each) for each in (mine, shared)] == [False, True]
    check_may_change(manager, shared)
    for viewer, saved in ((sales, shared), (manager, mine)):
        with pytest.raises(FilterNotYours):
            check_may_change(viewer, saved)


def test_the_main_address_is_a_default_before_others_and_legal_before_billing() -> None:
    def address(number: str, purposes: list[str], default_for: list[str]) -> dict[str, Any]:
        return {"id": number, "purposes": purposes, "default_for": default_for}

    billing, legal = address("1", ["billing"], ["billing"]), address("2", ["legal"], [])
    assert main_address([legal, billing]) == billing
    assert main_address([billing, address("3", ["legal"], ["legal"])])["id"] == "3"
    assert main_address([]) is None


def test_custom_fields_take_the_operators_of_their_type_and_secrets_none() -> None:
    found = fields(
        Offered(custom_fields=[CustomField("seats", "Seats", "integer"), CustomField("pin", "Pin", "secret")])
    )
    assert "between" in found["cf.seats"].operators
    assert "cf.pin" not in found
    assert segments_of({"city", "segment:x"}) == {"x"}
