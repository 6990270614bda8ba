"""The rules of the customer record, without a database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer.domain.changes import CONTACT_LABELS, changes
from customer.domain.channels import channels, with_channel
from customer.domain.hierarchy import MAX_DEPTH, check_parent, check_place
from customer.domain.numbers import Numbering
from customer.domain.purposes import PURPOSES, settle, without_defaults
from customer.domain.tree import Tree
from customer.errors import HierarchyCycle, HierarchyTooDeep, NumberPattern, ParentUnsuitable, Unsuitable


def test_the_first_of_a_list_is_the_default_where_none_is_named() -> None:
    made = channels([{"address": "a@x.test"}, {"label": "home", "address": "b@x.test"}], "address", "/emails")
    assert made == [
        {"label": "work", "address": "a@x.test", "default": True},
        {"label": "home", "address": "b@x.test", "default": False},
    ]


def test_a_named_default_wins_and_a_second_one_is_refused() -> None:
    made = channels([{"number": "1"}, {"number": "2", "default": True}], "number", "/phones")
    assert [entry["default"] for entry in made] == [False, True]
    with pytest.raises(Unsuitable) as refused:
        channels([{"number": "1", "default": True}, {"number": "2", "default": True}], "number", "/phones")
    assert refused.value.errors[0].pointer == "/phones/1/default"


def test_an_entry_replaces_the_one_of_its_label_or_comes_last() -> None:
    one: list[dict[str, Any]] = with_channel([], "number", "work", "1")
    assert one == [{"label": "work", "number": "1", "default": True}]
    two = with_channel(one, "number", "fax", "2")
    assert [entry["default"] for entry in two] == [True, False]
    assert with_channel(two, "number", "fax", "3")[1]["number"] == "3"
    assert with_channel(two, "number", "mobile", "1") == two


purposes = st.lists(st.sampled_from(PURPOSES), unique=True)
answers = st.sampled_from([None, True, False])


@given(names=purposes, taken=purposes, default=answers)
def test_an_address_is_the_default_where_it_asks_or_is_the_first(
    names: list[str], taken: list[str], default: bool | None
) -> None:
    made = settle([{"purpose": name, "default": default} for name in names], taken)
    assert [entry["purpose"] for entry in made] == [name for name in PURPOSES if name in names]
    for entry in made:
        expected = entry["purpose"] not in taken if default is None else default
        assert entry["default"] is expected


def test_a_default_stays_where_nothing_is_said_about_it() -> None:
    present = [{"purpose": "billing", "default": True}]
    assert settle([{"purpose": "billing"}], ["billing"], present) == present
    assert without_defaults(present, ["billing"]) == [{"purpose": "billing", "default": False}]


def test_a_place_below_oneself_is_refused_with_the_path() -> None:
    with pytest.raises(HierarchyCycle) as refused:
        check_place("a", ["c", "b", "a", "root"])
    assert refused.value.facts["path"] == ["a", "c", "b", "a"]


def test_the_tree_ends_at_its_depth() -> None:
    check_place(None, ["x"] * (MAX_DEPTH - 1))
    with pytest.raises(HierarchyTooDeep):
        check_place("a", ["x"] * (MAX_DEPTH - 1), height=2)


@pytest.mark.parametrize(("kind", "status"), [("person", "active"), ("business", "archived")])
def test_only_an_active_business_has_branches(kind: str, status: str) -> None:
    check_parent("business", "active", "1")
    with pytest.raises(ParentUnsuitable):
        check_parent(kind, status, "1")


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=40))
def test_no_sequence_of_moves_makes_a_ring(moves: list[tuple[int, int]]) -> None:
    parents: dict[str, str | None] = {str(n): None for n in range(8)}
    tree = Tree(parents.items())
    for child, parent in moves:
        try:
            tree.move(str(child), str(parent))
        except (HierarchyCycle, HierarchyTooDeep):
            continue
        parents[str(child)] = str(parent)
    for start in parents:
        here: str | None = start
        for _ in range(MAX_DEPTH):
            here = parents[here] if here else None
        assert here is None


def test_automatic_numbers_fit_the_pattern() -> None:
    numbering = Numbering(pattern=r"K\d{5}", form="K{:05d}")
    numbering.check("K10001")
    with pytest.raises(NumberPattern):
        numbering.check("10001")
    with pytest.raises(ValueError, match="K1"):
        Numbering(pattern=r"\d+", form="K{}")


def test_changes_name_each_differing_field_once() -> None:
    before = dict.fromkeys(CONTACT_LABELS, None) | {"name": "A", "roles": []}
    after = before | {"name": "B", "title": "Owner", "version": 2}
    assert [change["path"] for change in changes(before, after, CONTACT_LABELS)] == ["name", "title"]
    assert changes(before, dict(before), CONTACT_LABELS) == []
