"""The states of an order: every status with every command, and what the warehouse's answers do to its lines."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordering.domain import order_lines
from ordering.domain.order_lines import Answer
from ordering.domain.orders import COMMANDS, ENDED, STATUSES, TRANSITIONS, after, confirms_itself
from ordering.domain.pricing import line_total
from ordering.errors.orders import OrderStatus

# Table 2.3 of the rules, written down a second time: what leads where. Everything that is not here is refused.
ALLOWED = {
    ("draft", "revise"): {"draft"},
    ("draft", "submit"): {"pending_approval", "pending_confirmation"},
    ("draft", "cancel"): {"cancelled"},
    ("pending_approval", "approve"): {"pending_confirmation"},
    ("pending_approval", "reject"): {"rejected", "cancelling"},
    ("pending_approval", "expire"): {"expired", "cancelling"},
    ("pending_approval", "cancel"): {"cancelled", "cancelling"},
    ("pending_approval", "withdraw"): {"draft"},
    ("pending_approval", "reduce"): {"pending_approval"},
    ("pending_confirmation", "confirm"): {"confirmed"},
    ("pending_confirmation", "decline"): {"rejected", "cancelling"},
    ("pending_confirmation", "hold"): {"pending_confirmation"},
    ("pending_confirmation", "release"): {"pending_confirmation"},
    ("pending_confirmation", "expire"): {"expired", "cancelling"},
    ("pending_confirmation", "cancel"): {"cancelled", "cancelling"},
    ("pending_confirmation", "cancel_lines"): {"pending_confirmation", "cancelled", "cancelling"},
    ("pending_confirmation", "change_lines"): {"pending_confirmation", "pending_approval"},
    ("pending_confirmation", "withdraw"): {"draft"},
    ("confirmed", "provide"): {"confirmed"},
    ("confirmed", "cancel_lines"): {"confirmed"},
    ("confirmed", "change_lines"): {"confirmed", "pending_confirmation", "pending_approval"},
    ("confirmed", "complete"): {"completed", "cancelled"},
    ("confirmed", "cancel"): {"cancelling", "cancelled", "completed"},
    ("cancelling", "end"): {"cancelled", "completed"},
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", STATUSES)
def test_every_command_at_every_status_leads_where_the_table_says_or_is_refused(status: str, command: str) -> None:
    if (status, command) not in ALLOWED:
        with pytest.raises(OrderStatus) as refused:
            after(status, command)
        assert refused.value.facts["commands"] == sorted(TRANSITIONS[status])
        assert refused.value.detail.endswith((".", ")."))
        return
    ends = ALLOWED[status, command]
    assert after(status, command) in ends
    assert {after(status, command, to) for to in ends} == ends


def test_nothing_leads_out_of_an_end() -> None:
    assert all(not TRANSITIONS[status] for status in ENDED)


@pytest.mark.parametrize(
    ("quantity", "unit", "discount", "total"),
    [(12, 1400, "0", 16800), (10, 1680, "0.15", 14280), (3, 5, "0.5", 8), (1, 1, "0.5", 1), (7, 999, "0.05", 6643)],
)
def test_a_line_is_rounded_half_up(quantity: int, unit: int, discount: str, total: int) -> None:
    assert line_total(quantity, unit, Decimal(discount)) == total


@pytest.mark.parametrize(
    ("snapshot", "holds", "total", "confirmed"),
    [
        ({"auto_confirm": True}, [], 10**9, True),
        ({"auto_confirm": False}, [], 1, False),
        (None, [], 1, False),
        ({"auto_confirm": True}, ["delisted"], 1, False),
        ({"auto_confirm": True, "auto_confirm_ceilings": {"EUR": 100}}, [], 100, True),
        ({"auto_confirm": True, "auto_confirm_ceilings": {"EUR": 100}}, [], 101, False),
        ({"auto_confirm": True, "auto_confirm_ceilings": {"CHF": 100}}, [], 1, False),
    ],
)
def test_an_order_confirms_itself_by_its_snapshot_and_below_the_ceiling(
    snapshot: Mapping[str, Any] | None, holds: list[str], total: int, confirmed: bool
) -> None:
    order = {"settings_snapshot": snapshot, "hold_reasons": holds, "total_minor": total, "currency": "EUR"}
    assert confirms_itself(order) is confirmed


def line(**fields: Any) -> dict[str, Any]:
    none = dict.fromkeys(order_lines.QUANTITIES, 0)
    plain = {"id": "a", "sku": "A", "position": 1, "kind": "stock", "quantity": 10, "backorder_allowed": False}
    return plain | none | {"supply_mode": "in_stock", "promised_on": None} | fields


def answer(*, left: Mapping[str, int] | None = None, **fields: Any) -> Answer:
    told = {"reserved": 0, "allocated": 0, "backordered": 0, "shipped": 0, "promised_on": None} | fields
    return Answer("allocated", 5, {"a": told}, left or {})


COUNT = st.integers(min_value=0, max_value=20)
FIELDS = ("reserved", "allocated", "backordered", "shipped")


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, COUNT)), max_size=6), st.booleans())
def test_no_answer_breaks_the_quantities_of_a_line(answers: list[dict[str, int]], gives_up: bool) -> None:
    lines = [line()]
    for told in answers:
        before = lines[0]
        lines = order_lines.answered(lines, answer(**told))
        if gives_up:
            lines = order_lines.without_what_is_missing(lines)
        one = lines[0]
        assert one["quantity_shipped"] >= before["quantity_shipped"]
        assert one["quantity_allocated"] + one["quantity_shipped"] <= one["quantity"] - one["quantity_cancelled"]
        assert all(one[name] >= 0 for name in order_lines.QUANTITIES)
        assert order_lines.open_quantity(one) >= 0
    assert order_lines.is_done(order_lines.given_up(lines))


def test_what_a_shipment_has_told_counts_before_the_reservation_tells_it() -> None:
    [one] = order_lines.answered([line()], answer(allocated=10, left={"a": 4}))
    assert (one["quantity_shipped"], one["quantity_allocated"]) == (4, 6)


def test_a_line_that_may_not_wait_is_short_and_one_that_may_is_not() -> None:
    lines = [line(quantity_reserved=7), line(id="b", backorder_allowed=True), line(id="c", kind="service")]
    assert order_lines.short(lines) == [{"id": "a", "sku": "A", "position": 1, "missing": 3, "ahead": False}]


def test_of_a_pre_order_only_what_no_supply_is_named_for_is_short() -> None:
    ahead = line(supply_mode="preorder", quantity_backordered=8)
    assert [(one["missing"], one["ahead"]) for one in order_lines.short([ahead])] == [(2, True)]
    assert order_lines.short([ahead | {"quantity_backordered": 10}]) == []


def test_what_is_neither_allocated_nor_waiting_is_given_up() -> None:
    lines = [line(quantity_allocated=7), line(id="b", quantity_backordered=10), line(id="c", kind="service")]
    given = order_lines.without_what_is_missing(lines)
    assert [one["quantity_cancelled"] for one in given] == [3, 0, 0]


def test_a_waiting_line_becomes_a_back_order_and_a_pre_order_stays_one() -> None:
    waiting = answer(backordered=10)
    assert order_lines.answered([line()], waiting)[0]["supply_mode"] == "backorder"
    assert order_lines.answered([line(supply_mode="preorder")], waiting)[0]["supply_mode"] == "preorder"


@pytest.mark.parametrize(
    ("fields", "fulfilment", "allocation"),
    [
        ({}, "none", "none"),
        ({"quantity_allocated": 4}, "none", "partial"),
        ({"quantity_allocated": 10}, "none", "full"),
        ({"quantity_allocated": 4, "quantity_backordered": 6}, "none", "waiting_supply"),
        ({"quantity_shipped": 4, "quantity_allocated": 6}, "partial", "full"),
        ({"quantity_shipped": 4, "quantity_cancelled": 6}, "full", "none"),
        ({"quantity_cancelled": 10}, "none", "none"),
    ],
)
def test_statuses_are_derived_from_quantities(fields: dict[str, int], fulfilment: str, allocation: str) -> None:
    lines = [line(**fields)]
    assert (order_lines.fulfilment_status(lines), order_lines.allocation_status(lines)) == (fulfilment, allocation)


@pytest.mark.parametrize(
    ("accepted", "back", "status"),
    [({}, [0, 0], "none"), ({"1": 2}, [2, 0], "partial"), ({"1": 9, "2": 1}, [4, 1], "full")],
)
def test_no_more_comes_back_than_was_shipped(accepted: dict[str, int], back: list[int], status: str) -> None:
    none = dict.fromkeys(order_lines.QUANTITIES, 0)
    lines = [none | {"id": "1", "quantity_shipped": 4}, none | {"id": "2", "quantity_shipped": 1}]
    given = order_lines.returned(lines, accepted)
    assert [line["quantity_returned"] for line in given] == back
    assert order_lines.return_status(given) == status
