"""What came back of orders: counted once, whatever comes twice, late or in another order."""

from itertools import permutations
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from ordering.tests.ordered import Order, came_back, company, confirmed, dispatched, listing, read, reservation

pytestmark = pytest.mark.postgres


@pytest.fixture
def delivered(service: Service, staff: Client) -> Order:
    """A completed order of ten pieces that have left."""
    return _delivered(service, staff, company(service))


def _delivered(service: Service, staff: Client, customer_id: str) -> Order:
    order = confirmed(service, staff, customer_id, (listing(service), 10))
    for news in (reservation("allocated", order, 2), dispatched(order, 10), reservation("shipped", order, 3)):
        deliver(service, news)
    done = read(staff, order)
    assert (done["status"], done["return_status"]) == ("completed", "none")
    return done


def _back(staff: Client, order: Order) -> tuple[int, str, str]:
    now = read(staff, order)
    return now["lines"][0]["quantity_returned"], now["return_status"], now["status"]


def test_what_was_accepted_back_stands_on_the_line_and_is_told(
    service: Service, staff: Client, delivered: Order
) -> None:
    deliver(service, came_back("inspected", new_id(), 5, (delivered, 3)))
    assert _back(staff, delivered) == (3, "partial", "completed")
    told = [event for event in published(service.db) if event.subject == delivered["id"]][-1]
    assert (told.type, told.version) == ("ordering.order.progressed.v1", delivered["version"] + 1)
    assert (told.data["status"], told.data["lines"][0]["quantity_returned"]) == ("completed", 3)
    deliver(service, came_back("closed", new_id(), 6, (delivered, 7)))
    assert _back(staff, delivered) == (10, "full", "completed")


@pytest.mark.parametrize("turn", list(permutations(range(3))))
def test_returns_count_once_in_whatever_order_they_are_told(
    service: Service, staff: Client, delivered: Order, turn: tuple[int, ...]
) -> None:
    first, second = new_id(), new_id()
    news: list[Any] = [
        came_back("inspected", first, 5, (delivered, 3)),
        came_back("closed", first, 6, (delivered, 3)),
        came_back("inspected", second, 5, (delivered, 2)),
    ]
    for place in (*turn, *turn):
        deliver(service, news[place])
    assert _back(staff, delivered) == (5, "partial", "completed")
    assert read(staff, delivered)["version"] == delivered["version"] + 2


def test_one_return_is_of_several_orders(service: Service, staff: Client) -> None:
    customer_id = company(service)
    orders = [_delivered(service, staff, customer_id) for _ in range(2)]
    deliver(service, came_back("closed", new_id(), 6, (orders[0], 1), (orders[1], 10)))
    assert [_back(staff, order)[:2] for order in orders] == [(1, "partial"), (10, "full")]


def test_goods_that_nobody_announced_and_unknown_orders_change_nothing(
    service: Service, staff: Client, delivered: Order
) -> None:
    strange = came_back("closed", new_id(), 6, (delivered, 4), also={"order_id": None, "line_id": None})
    for news in (strange, came_back("closed", new_id(), 6, (delivered | {"id": new_id()}, 4))):
        deliver(service, news)
    assert _back(staff, delivered) == (0, "none", "completed")
    assert read(staff, delivered)["version"] == delivered["version"]


def test_no_more_is_counted_than_was_shipped(service: Service, staff: Client, delivered: Order) -> None:
    deliver(service, came_back("closed", new_id(), 6, (delivered, 25)))
    assert _back(staff, delivered) == (10, "full", "completed")


def test_an_order_shows_its_returns_the_newest_first_and_of_each_its_own_lines(
    service: Service, staff: Client, stranger: Client
) -> None:
    customer_id = company(service)
    orders = [_delivered(service, staff, customer_id) for _ in range(2)]
    first, second = new_id(), new_id()
    asked = {"quantity_requested": 4, "quantity_authorized": 0, "quantity_received": 0, "resolution": "credit"}
    deliver(service, came_back("requested", first, 1, (orders[0], 0), (orders[1], 0), also=asked))
    deliver(service, came_back("closed", second, 6, (orders[0], 2)))
    shown = read(staff, orders[0])
    assert [(one["id"], one["status"], bool(one["ended_at"])) for one in shown["returns"]] == [
        (second, "closed", True),
        (first, "requested", False),
    ]
    [line] = shown["returns"][1]["lines"]
    assert (line["line_id"], line["quantity_requested"], line["resolution"]) == (shown["lines"][0]["id"], 4, "credit")
    assert shown["return_status"] == "partial"
    deliver(service, came_back("authorized", first, 2, (orders[0], 0), (orders[1], 0), also=asked))
    # What comes late tells nothing new.
    deliver(service, came_back("requested", first, 1, (orders[0], 0), (orders[1], 0), also=asked))
    assert [one["status"] for one in read(staff, orders[1])["returns"]] == ["authorized"]
    assert stranger.get(f"/orders/{orders[0]['id']}").status_code == 404
