"""The rules of inbound supplies, without a database."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.domain.promises import ALLOCATED, Balance, Line, Reservation, Stock, fill, order_ahead, queue_up
from warehouse.domain.supplies import Article, Inbound, Supply, changed, day_for
from warehouse.errors.supplies import SupplyState, SupplyUnsuitable

JANUARY, MARCH, MAY = "2031-01-10", "2031-03-01", "2031-05-01"


def supply(number: int, quantity: int, day: str = MARCH, **fields: Any) -> Supply:
    return Supply(f"s{number}", "A", day, quantity, fields.pop("preorder_quantity", quantity), **fields)


def inbound(*supplies: Supply) -> Inbound:
    found = Inbound()
    for one in supplies:
        found.add(one)
    return found


def stock(*supplies: Supply, on_hand: int = 0) -> Stock:
    there = Stock([Balance("b", "w", "A", on_hand)])
    there.inbound = inbound(*supplies)
    return there


def preorder(quantity: int, number: int = 1) -> Reservation:
    line = Line(f"l{number}", 1, "A", "Article", quantity, preorder=True)
    return Reservation(f"o{number}", "customer", lines={line.id: line})


@pytest.mark.parametrize(
    ("supplies", "left"),
    [
        ([], 0),
        ([supply(1, 10)], 10),
        ([supply(1, 10, preorder_quantity=4)], 4),
        ([supply(1, 10, preorder_quantity=4), supply(2, 5)], 9),
        ([supply(1, 10, received=7)], 3),
        ([supply(1, 10, preorder_quantity=4, received=4, served=4)], 0),
        ([supply(1, 10, preorder_quantity=4, received=4)], 4),
    ],
)
def test_so_many_may_be_ordered_ahead(supplies: list[Supply], left: int) -> None:
    assert inbound(*supplies).left("A") == left


def test_a_pre_order_takes_what_earlier_ones_have_left_of_the_supply_and_nothing_of_the_shelf() -> None:
    there, positions = stock(supply(1, 10), on_hand=5), count(1)
    first, second = preorder(7, 1), preorder(7, 2)
    for one in (first, second):
        order_ahead(one, there, positions)
    assert [(one.lines[f"l{n}"].backordered, one.lines[f"l{n}"].short) for n, one in ((1, first), (2, second))] == [
        (7, 0),
        (3, 4),
    ]
    assert there.balances["b"].available == 5


def test_fewer_named_than_sold_is_a_shortfall_and_takes_nothing_from_anybody() -> None:
    there = stock(supply(1, 10))
    one = preorder(10)
    order_ahead(one, there, count(1))
    there.inbound.supplies["A"] = [supply(1, 6)]
    assert (there.inbound.left("A"), there.inbound.short("A"), one.lines["l1"].backordered) == (0, 4, 10)


@pytest.mark.parametrize(
    ("ahead", "covered", "promised", "article", "day"),
    [
        (True, MARCH, JANUARY, Article(None, JANUARY), MARCH),
        (True, JANUARY, None, Article(None, MARCH), MARCH),
        (True, JANUARY, MARCH, None, JANUARY),
        (True, None, MARCH, Article(5, JANUARY), MARCH),
        (False, MARCH, None, Article(5), MARCH),
        (False, None, None, Article(5), "2031-01-06"),
        (False, None, MARCH, Article(5), MARCH),
        (False, None, None, None, None),
    ],
)
def test_what_waits_is_promised_a_day(
    ahead: bool, covered: str | None, promised: str | None, article: Article | None, day: str | None
) -> None:
    found = day_for(article, preorder=ahead, covered_on=covered, promised_on=promised, today="2031-01-01")
    assert found == day


def test_the_queue_takes_supplies_up_by_their_days_and_leaves_a_customer_s_own_to_it() -> None:
    arrivals = inbound(supply(2, 5, MAY), supply(1, 5, MARCH), supply(3, 5, JANUARY, customer_id="her")).queue("A")
    assert [arrivals.take("him", 4), arrivals.take("her", 6), arrivals.take("him", 4), arrivals.take("him", 2)] == [
        MARCH,
        MARCH,
        MAY,
        None,
    ]


BEFORE = {"quantity": 10, "preorder_quantity": 8, "received": 4, "status": "expected"}


def test_what_is_expected_does_not_fall_below_what_has_arrived_and_takes_its_share_along() -> None:
    assert changed(BEFORE, {"quantity": 6})["preorder_quantity"] == 6
    for body in ({"quantity": 3}, {"preorder_quantity": 11}):
        with pytest.raises(SupplyUnsuitable):
            changed(BEFORE, body)
    for status in ("received", "cancelled"):
        with pytest.raises(SupplyState):
            changed(BEFORE | {"status": status}, {"quantity": 12})


@given(
    supplies=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=4),
    orders=st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=8),
    arrives=st.integers(0, 20),
)
def test_no_more_is_ordered_ahead_than_is_named_and_the_oldest_get_what_arrives(
    supplies: list[tuple[int, int]], orders: list[tuple[int, bool]], arrives: int
) -> None:
    named = [supply(at, many, preorder_quantity=min(many, share)) for at, (many, share) in enumerate(supplies)]
    there, positions, waiting = stock(*named), count(1), []
    for at, (quantity, ahead) in enumerate(orders):
        one = preorder(quantity, at)
        [line] = one.in_order
        one.state, line.preorder, line.backorder_allowed = ALLOCATED, ahead, not ahead
        order_ahead(one, there, positions)
        queue_up(one, there, positions)
        waiting.append((one, line))
    taken = sum(line.backordered for _, line in waiting if line.preorder)
    assert taken <= sum(min(many, share) for many, share in supplies)
    assert (there.inbound.preordered["A"], there.inbound.short("A")) == (taken, 0)
    before = [line.backordered for _, line in waiting]
    there.balances["b"].on_hand = arrives
    fill([pair for pair in waiting if pair[1].backordered], there, {})
    got = [was - line.backordered for was, (_, line) in zip(before, waiting, strict=True)]
    for at, (was, gets) in enumerate(zip(before, got, strict=True)):
        assert gets == min(was, max(0, arrives - sum(before[:at])))
