"""Pre-orders in orders: what no supply is left for, days that move, and a switch that goes off midway."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import (
    Order,
    company,
    confirmed,
    date_changed,
    do,
    draft,
    listing,
    read,
    reservation,
    switch,
)

pytestmark = pytest.mark.postgres

MARCH, SOON, APRIL, MAY = "2031-03-01", "2031-03-05", "2031-04-01", "2031-05-01"
ON = {"allow_preorders": "on", "warehouse_enabled": "on"}


@pytest.fixture
def who(service: Service) -> str:
    return company(service, **ON)


@pytest.fixture
def buyer(service: Service, tokens: TestTokens, who: str) -> Client:
    """Somebody who buys for the company, in the portal."""
    return client_for(service, tokens.portal({who: BUYER}))


@pytest.fixture
def ahead(service: Service) -> Any:
    """A listing that is ordered ahead."""
    return lambda: listing(service, preorderable=True, available_from=datetime.now(UTC).date() + timedelta(days=60))


def waiting(service: Service, order: Order, version: int, quantity: int, verb: str = "made") -> None:
    """The warehouse has named a supply for so many of each line."""
    deliver(service, reservation(verb, order, version, {"backordered": quantity}))


def told(service: Service, line_id: str) -> list[tuple[str, int, str]]:
    events = [one for one in published(service.db) if one.type.startswith("ordering.date_decision.")]
    return [(one.type.split(".")[2], one.version, one.data["decision"]) for one in events if one.subject == line_id]


def test_a_pre_order_for_which_no_supply_is_left_is_refused_and_says_so(
    service: Service, staff: Client, who: str, ahead: Any
) -> None:
    order = do(staff, draft(staff, who, (ahead(), 5)), "submission")
    assert order["lines"][0]["backorder_allowed"] is False
    waiting(service, order, 1, 3)
    refused = do(staff, order, "confirmation", 409)
    assert (refused["code"], refused["errors"][0]["code"]) == ("ordering.out_of_stock", "supply_exhausted")
    less = do(staff, order, "confirmation", accept_shortage=True)
    waiting(service, less, 2, 3, "allocated")
    line = read(staff, order)["lines"][0]
    assert (line["quantity_cancelled"], line["quantity_backordered"], line["supply_mode"]) == (2, 3, "preorder")


@pytest.mark.parametrize(("left", "status", "reason"), [(4, "rejected", "supply_exhausted"), (5, "confirmed", None)])
def test_an_order_that_confirms_itself_is_rejected_where_no_supply_is_left(
    service: Service, staff: Client, ahead: Any, left: int, status: str, reason: str | None
) -> None:
    order = do(staff, draft(staff, company(service, **ON, auto_confirm_orders="on"), (ahead(), 5)), "submission")
    waiting(service, order, 1, left)
    found = read(staff, order)
    assert (found["status"], found["reason"]) == (status, reason)


def test_pre_orders_are_kept_and_fulfilled_where_the_switch_goes_off_midway(
    service: Service, staff: Client, buyer: Client, who: str, ahead: Any
) -> None:
    listing_id = ahead()
    placed = do(buyer, draft(buyer, who, (listing_id, 5)), "submission")
    running = confirmed_ahead(service, staff, who, listing_id)
    switch(service, who, 2, allow_preorders="off", warehouse_enabled="on")
    waiting(service, placed, 1, 5)
    assert do(staff, placed, "confirmation")["lines"][0]["supply_mode"] == "preorder"
    deliver(service, reservation("allocated", running, 3, {"allocated": 5}))
    assert read(staff, running)["allocation_status"] == "full"
    refused = do(buyer, draft(buyer, who, (listing_id, 1)), "submission", 403)
    assert refused["code"] == "ordering.preorders_disabled"


def confirmed_ahead(service: Service, staff: Client, who: str, listing_id: str) -> Order:
    """A confirmed pre-order of five that waits for its supply."""
    order = do(staff, draft(staff, who, (listing_id, 5)), "submission")
    waiting(service, order, 1, 5)
    order = do(staff, order, "confirmation")
    waiting(service, order, 2, 5, "allocated")
    return read(staff, order)


def test_a_slip_beyond_the_tolerance_asks_the_buyer_who_accepts_it(
    service: Service, staff: Client, buyer: Client, stranger: Client, who: str, ahead: Any
) -> None:
    order = confirmed_ahead(service, staff, who, ahead())
    [line] = order["lines"]
    deliver(service, date_changed(order, 1, MARCH, SOON))
    assert read(buyer, order)["lines"][0]["date_decision"] is None
    answer = {"lines": [{"line_id": line["id"], "decision": "accept"}]}
    assert do(buyer, order, "date-decisions", 409, **answer)["code"] == "ordering.date_not_in_question"
    for version, before, after in ((2, SOON, APRIL), (2, SOON, APRIL), (1, MARCH, SOON)):
        deliver(service, date_changed(order, version, before, after))
    asked = read(buyer, order)["lines"][0]["date_decision"]
    assert (asked["agreed_on"], asked["promised_on"], asked["decision"]) == (MARCH, APRIL, "open")
    # Silence keeps the order as it is.
    assert read(buyer, order)["status"] == "confirmed"
    assert do(stranger, order, "date-decisions", 404, **answer)["code"] == "ordering.order_not_found"
    accepted = do(buyer, order, "date-decisions", **answer)["lines"][0]["date_decision"]
    assert (accepted["agreed_on"], accepted["decision"]) == (APRIL, "accepted")
    assert do(buyer, order, "date-decisions", 409, **answer)["code"] == "ordering.date_not_in_question"
    deliver(service, date_changed(order, 3, APRIL, MAY))
    assert read(buyer, order)["lines"][0]["date_decision"]["decision"] == "open"
    assert told(service, line["id"]) == [("asked", 1, "open"), ("made", 2, "accepted"), ("asked", 3, "open")]


def test_a_day_that_is_near_enough_again_asks_nothing(service: Service, staff: Client, who: str, ahead: Any) -> None:
    order = confirmed_ahead(service, staff, who, ahead())
    deliver(service, date_changed(order, 1, MARCH, APRIL))
    deliver(service, date_changed(order, 2, APRIL, SOON))
    assert read(staff, order)["lines"][0]["date_decision"] is None


def test_who_cancels_a_late_pre_order_cancels_the_order_that_holds_nothing_else(
    service: Service, staff: Client, buyer: Client, who: str, ahead: Any
) -> None:
    order = confirmed_ahead(service, staff, who, ahead())
    deliver(service, date_changed(order, 1, MARCH, MAY))
    answer = {"lines": [{"line_id": order["lines"][0]["id"], "decision": "cancel"}]}
    left = do(buyer, order, "date-decisions", **answer)
    assert (left["status"], left["lines"][0]["date_decision"]["decision"]) == ("cancelling", "cancelled")
    deliver(service, reservation("released", left, 3, {}))
    assert read(staff, order)["status"] == "cancelled"


def test_a_late_line_among_others_is_given_up_alone(
    service: Service, staff: Client, buyer: Client, who: str, ahead: Any
) -> None:
    order = do(staff, draft(staff, who, (ahead(), 5), (ahead(), 5)), "submission")
    waiting(service, order, 1, 5)
    order = do(staff, order, "confirmation")
    deliver(service, date_changed(order, 1, MARCH, MAY))
    answer = {"lines": [{"line_id": order["lines"][0]["id"], "decision": "cancel"}]}
    left = do(buyer, order, "date-decisions", **answer)
    assert (left["status"], left["lines"][0]["date_decision"]["decision"]) == ("confirmed", "cancelled")
    assert [line["quantity_cancelling"] for line in left["lines"]] == [5, 0]


def test_what_is_known_of_no_order_or_of_one_that_has_ended_asks_nobody(
    service: Service, staff: Client, who: str, ahead: Any
) -> None:
    order = confirmed(service, staff, who, (listing(service), 1))
    deliver(service, reservation("shipped", order, 2, {"shipped": 1}))
    deliver(service, date_changed(order, 1, MARCH, MAY))
    assert read(staff, order)["lines"][0]["date_decision"] is None
    unknown = order | {"id": order["id"][:-1] + ("0" if order["id"][-1] != "0" else "1")}
    deliver(service, date_changed(unknown, 1, MARCH, MAY))
    assert told(service, order["lines"][0]["id"]) == []
