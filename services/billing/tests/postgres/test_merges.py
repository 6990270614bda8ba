"""Customers become one, and apart again: charges follow their orders, and accounts what is on them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from billing.tests.told import Order, sums, switches
from common.ids import new_id
from common.service import Service
from common.testing import published
from common.testing.merging import Merge

pytestmark = pytest.mark.postgres

Look = Callable[..., Any]


@pytest.fixture
def two(company: Look) -> tuple[str, str]:
    """Two customers of which one becomes part of the other."""
    return company(), company("off")


def parked(shown: Any) -> tuple[int, list[str], str | None]:
    return shown["parked"]["count"], sums(shown["parked"]["sums"]), shown["since"]


def test_what_is_parked_moves_with_its_account_and_goes_back(
    tell: Look, two: tuple[str, str], pending: Look, charges: Look, decide: Look, service: Service
) -> None:
    survivor, loser = two
    mine, theirs = Order(survivor, (1, "4.00")), Order(loser, (2, "10.00"))
    tell(mine.tell(), mine.ship(1), theirs.tell(), theirs.ship(1, on="2026-01-15"))
    merge = Merge(survivor, loser)
    tell(merge.tell("merged"))
    assert parked(pending(survivor)) == (1, ["5.00 EUR"], "2026-01-15")
    assert (parked(pending(loser)), charges(loser)) == ((0, [], None), [])
    told = {one.subject: one for one in published(service.db, "billing.charges.moved.v1")}
    assert told[survivor].data["parked"]["count"] == 1
    assert told[loser].data["parked"]["count"] == 0
    # What is sent after it counts by the survivor's switch, also where the others have not heard of the merge yet.
    tell(theirs.ship(1, on="2026-02-15"))
    assert [one["state"] for one in charges(survivor)] == ["billable", "parked", "billable"]
    assert decide(survivor, "bill").status_code == 201
    tell(merge.tell("unmerged"))
    assert [(one["state"], one["amount"]["amount"]) for one in charges(loser)] == [("billable", "5.00")] * 2
    assert sums(pending(survivor)["billable"]["sums"]) == ["4.00 EUR"]
    # The survivor decided, and its history says so.
    assert [len(pending(one)["decisions"]) for one in two] == [1, 0]


def test_an_order_that_is_heard_of_late_is_the_survivor_s_and_goes_back_with_an_undo(
    tell: Look, two: tuple[str, str], charges: Look
) -> None:
    survivor, loser = two
    merge, order = Merge(survivor, loser), Order(loser, (2, "10.00"))
    tell(merge.tell("merged"), order.tell(), order.ship(1))
    assert [one["state"] for one in charges(survivor)] == ["billable"]
    tell(merge.tell("unmerged"))
    assert (len(charges(loser)), charges(survivor)) == (1, [])


def test_ordering_says_whose_an_order_is_before_the_merge_is_heard_of(
    tell: Look, two: tuple[str, str], charges: Look, pending: Look
) -> None:
    survivor, loser = two
    order = Order(loser, (2, "10.00"))
    before = order.tell()
    tell(before, order.ship(1))
    order.customer_id = survivor
    tell(order.tell("updated"), replace(before, id=new_id()))
    assert (len(charges(survivor)), charges(loser)) == (1, [])
    assert parked(pending(survivor))[0] == 1
    tell(Merge(survivor, loser).tell("merged"))
    assert (len(charges(survivor)), parked(pending(survivor))[0]) == (1, 1)


def test_decisions_of_a_merged_customer_are_the_survivor_s_history(
    tell: Look, two: tuple[str, str], pending: Look, decide: Look
) -> None:
    survivor, loser = two
    order = Order(loser, (1, "10.00"))
    tell(order.tell(), order.ship(1), switches(loser, billing_enabled="on"))
    decide(loser, "waive", reason="Goodwill")
    tell(Merge(survivor, loser).tell("merged"))
    assert [one["reason"] for one in pending(survivor)["decisions"]] == ["Goodwill"]
