"""The rules of promises, without a database."""

from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.domain.promises import Balance, Line, Reservation, Stock, fill, free, harden, queue_up, shrink, supply
from warehouse.domain.shipments import by_line, check
from warehouse.domain.stock import cost_minor, moving_average
from warehouse.errors.shipments import ShipmentState


def order(*quantities: int, number: int = 1, waits: bool = False) -> Reservation:
    lines = [Line(f"{number}-{at}", at, "A", "Article", each, waits) for at, each in enumerate(quantities)]
    return Reservation(f"order-{number}", "customer", lines={line.id: line for line in lines})


def stock(*on_hand: int, safety: int = 0) -> Stock:
    return Stock(
        Balance(f"b{at}", f"w{at}", "A", each, safety_stock=safety, rank=(at,)) for at, each in enumerate(on_hand)
    )


def promised(of: Stock) -> int:
    return sum(balance.reserved + balance.allocated for balance in of.balances.values())


def test_the_safety_stock_is_promised_to_nobody() -> None:
    there, wanted = stock(10, safety=4), order(10)
    supply(wanted, there, firm=False, dedicated=False)
    assert promised(there) == 6


def test_a_shrinking_line_gives_up_first_what_waits_then_what_is_soft_then_what_is_firm() -> None:
    there, wanted = stock(6), order(10, waits=True)
    [line] = wanted.in_order
    supply(wanted, there, firm=True, dedicated=False)
    queue_up(wanted, there, count(1))
    assert (line.allocated, line.backordered) == (6, 4)
    assert shrink(line, 8, there)
    assert (line.allocated, line.backordered, line.queue_position) == (6, 2, 1)
    assert shrink(line, 5, there)
    assert (line.allocated, line.backordered, line.queue_position) == (5, 0, None)
    assert promised(there) == 5


def test_what_is_planned_is_not_taken_back_by_itself() -> None:
    there, wanted = stock(6), order(6)
    [line] = wanted.in_order
    supply(wanted, there, firm=True, dedicated=False)
    line.sources["b0"].planned = 4
    assert not shrink(line, 3, there)
    assert line.quantity == 6
    assert shrink(line, 4, there)


def test_a_release_never_fails_even_where_the_balance_says_less() -> None:
    there, wanted = stock(6), order(6)
    supply(wanted, there, firm=True, dedicated=False)
    there.balances["b0"].allocated = 2
    for line in wanted.lines.values():
        free(line, there)
    assert (there.balances["b0"].allocated, wanted.is_open) == (0, False)


@given(
    on_hand=st.lists(st.integers(0, 9), min_size=1, max_size=3),
    orders=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=3), min_size=1, max_size=5),
    found=st.integers(0, 9),
)
def test_promises_never_exceed_stock_and_the_longest_waiting_is_served_first(
    on_hand: list[int], orders: list[list[int]], found: int
) -> None:
    there, positions = stock(*on_hand), count(1)
    all_orders = [order(*quantities, number=number, waits=True) for number, quantities in enumerate(orders)]
    for one in all_orders:
        supply(one, there, firm=False, dedicated=False)
    for one in all_orders:
        harden(one, there)
        supply(one, there, firm=True, dedicated=False)
        queue_up(one, there, positions)
    there.balances["b0"].on_hand += found
    lines = [(one, line) for one in all_orders for line in one.in_order]
    fill([(one, line) for one, line in lines if line.backordered], there, {})
    wanted = sum(map(sum, orders))
    assert promised(there) == min(wanted, sum(on_hand) + found)
    assert all(line.short == 0 for _, line in lines)
    waiting = sorted((line.queue_position, line.backordered) for _, line in lines if line.queue_position)
    # Who waits behind another has got nothing while that one still waits for a part.
    assert all(line.backordered == 0 or line.queue_position is not None for _, line in lines)
    assert sum(backordered for _, backordered in waiting) == max(0, wanted - sum(on_hand) - found)


@pytest.mark.parametrize(
    ("on_hand", "average", "quantity", "cost", "expected"),
    [
        (0, None, 5, "200", "200.000000"),
        (10, "200", 20, "251", "234.000000"),
        (1, "100", 2, "101", "100.666667"),
        (10, "200", 5, None, "200"),
        (0, "200", 5, "300", "300.000000"),
        (10, None, 5, "300", "300.000000"),
        (0, None, 5, None, None),
    ],
)
def test_the_moving_average(
    on_hand: int, average: str | None, quantity: int, cost: str | None, expected: str | None
) -> None:
    known, new = (None if one is None else Decimal(one) for one in (average, cost))
    after = moving_average(on_hand, known, quantity, new)
    assert (None if after is None else str(after)) == expected


def test_a_shipment_s_cost_is_rounded_once_and_unknown_where_a_part_is() -> None:
    assert cost_minor([(1, Decimal("0.25")), (1, Decimal("0.25"))]) == 1
    assert cost_minor([(1, Decimal("0.25")), (1, None)]) is None


@pytest.mark.parametrize(
    ("verb", "allowed"), [("dispatch", {"planned"}), ("cancel", {"planned"}), ("deliver", {"shipped"})]
)
def test_each_step_of_a_shipment_has_its_state(verb: str, allowed: set[str]) -> None:
    for status in ("planned", "shipped", "delivered", "cancelled"):
        if status in allowed:
            check(verb, status)
        else:
            with pytest.raises(ShipmentState):
                check(verb, status)


def test_goods_of_two_owners_are_one_line_of_a_shipment() -> None:
    row = {"line_id": "1", "sku": "A", "name": "Article", "serials": ["x"]}
    assert by_line([row | {"quantity": 2}, row | {"quantity": 3, "serials": []}]) == [row | {"quantity": 5}]
