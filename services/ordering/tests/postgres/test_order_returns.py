"""What came back of orders: counted once, whatever comes twice, late or in another order."""

from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from ordering.tests import companies
from ordering.tests.ordered import Order, came_back, company, confirmed, dispatched, do, listing, read, reservation

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


def _used(service: Service, limit_id: str) -> int:
    with service.db.transaction() as session:
        statement = text("SELECT coalesce(sum(used), 0) FROM limit_buckets WHERE limit_id = CAST(:id AS uuid)")
        return int(session.execute(statement, {"id": limit_id}).scalar_one())


@pytest.mark.parametrize("turn", list(permutations(range(3))))
def test_a_limit_gets_back_what_is_accepted_once_in_whatever_order_it_is_told(
    service: Service, staff: Client, turn: tuple[int, ...]
) -> None:
    customer_id = company(service)
    limit_id = companies.limit(service, customer_id)
    keeping = companies.limit(service, customer_id, gives_back=False)
    order = _delivered(service, staff, customer_id)  # 10 at 10.00
    assert (_used(service, limit_id), _used(service, keeping)) == (10_000, 10_000)
    first, second = new_id(), new_id()
    news: list[Any] = [
        came_back("inspected", first, 5, (order, 3)),
        came_back("closed", first, 6, (order, 3)),
        came_back("inspected", second, 5, (order, 2)),
    ]
    for place in (*turn, *turn):
        deliver(service, news[place])
    assert (_used(service, limit_id), _used(service, keeping)) == (5_000, 10_000)


def test_what_is_given_back_is_what_it_cost_and_no_more_than_was_taken(service: Service, staff: Client) -> None:
    customer_id = company(service)
    limit_id = companies.limit(service, customer_id)
    listing_id = listing(service, 999)
    lines = [{"listing_id": listing_id, "quantity": 7, "discount": "0.15"}]
    answer = staff.post("/orders", json={"customer_id": customer_id, "lines": lines})
    order = do(staff, answer.json, "submission")
    assert (order["total"]["amount"], _used(service, limit_id)) == ("59.44", 5_944)
    deliver(service, reservation("made", order, 1))
    order = do(staff, order, "confirmation")
    for news in (reservation("allocated", order, 2), dispatched(order, 7), reservation("shipped", order, 3)):
        deliver(service, news)
    deliver(service, came_back("inspected", new_id(), 5, (order, 3)))
    assert _used(service, limit_id) == 3_397  # 4 at 9.99, less 15 %
    deliver(service, came_back("closed", new_id(), 6, (order, 40)))
    assert _used(service, limit_id) == 0


def test_where_fewer_are_accepted_in_the_end_the_limit_takes_them_again(service: Service, staff: Client) -> None:
    customer_id = company(service)
    limit_id = companies.limit(service, customer_id)
    order = _delivered(service, staff, customer_id)
    return_id = new_id()
    for news in (came_back("inspected", return_id, 5, (order, 6)), came_back("closed", return_id, 6, (order, 4))):
        deliver(service, news)
    assert _used(service, limit_id) == 6_000


def test_of_an_order_that_was_delivered_in_part_both_come_back(service: Service, staff: Client) -> None:
    customer_id = company(service)
    limit_id = companies.limit(service, customer_id)
    order = confirmed(service, staff, customer_id, (listing(service), 10))
    deliver(service, reservation("allocated", order, 2, {"allocated": 7}))
    deliver(service, dispatched(order, 7))
    deliver(service, reservation("shipped", order, 3, {"shipped": 7}))
    assert _used(service, limit_id) == 7_000
    deliver(service, came_back("closed", new_id(), 6, (order, 5)))
    assert _used(service, limit_id) == 2_000


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
