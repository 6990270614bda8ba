"""Buyers who order ahead, and supplies that change, at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, deliver
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres

DAY = "2031-03-01"


def expect(staff: Client, sku: str, quantity: int) -> Any:
    body = {"sku": sku, "warehouse": "MAIN", "quantity": quantity, "preorder_quantity": quantity, "expected_on": DAY}
    answer = staff.post("/inbound-supplies", json=body)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_of_two_pre_orders_for_the_last_unit_one_wins(
    service: Service, main: Any, staff: Client, promised: Any, sku: str, customer_id: str
) -> None:
    for _ in range(5):
        expect(staff, sku, 1)
        orders = [Order(customer_id, [(sku, 1)], ahead=DAY) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda order: deliver(service, [order.tell("placed")]), orders))
        lines = [promised(order.id)["lines"][0] for order in orders]
        assert sorted((line["backordered"], line["short"]) for line in lines) == [(0, 1), (1, 0)]


def test_sixty_buyers_ahead_of_twenty_units_while_they_arrive_get_twenty(
    service: Service, main: Any, staff: Client, rows: Any, stock: Any, sku: str, customer_id: str
) -> None:
    supply = expect(staff, sku, 20)
    orders = [Order(customer_id, [(sku, 1)], ahead=DAY) for _ in range(60)]

    def order_or_receive(at: int) -> None:
        if at % 6 == 5:
            lines = [{"sku": sku, "quantity": 2, "supply_id": supply["id"]}]
            answer = staff.post("/stock/receipts", json={"warehouse": "MAIN", "lines": lines})
            assert answer.status_code == 201, answer.json
        else:
            order = orders[at - at // 6]
            deliver(service, [order.tell("placed"), order.tell("confirmed")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(order_or_receive, range(60)))
    for order in orders[50:]:
        deliver(service, [order.tell("placed"), order.tell("confirmed")])
    [got] = rows(
        "SELECT count(*) FILTER (WHERE l.backordered > 0) AS waiting,"
        "       COALESCE(sum(s.allocated), 0)::int AS allocated"
        " FROM reservation_lines l LEFT JOIN reservation_sources s USING (line_id) WHERE l.sku = :sku",
        sku=sku,
    )
    on_hand, reserved, allocated = stock(sku)
    assert (on_hand, reserved) == (20, 0)
    assert (got["waiting"], got["allocated"]) == (0, allocated)
    # Nobody was promised what is not there, and nobody was refused what is.
    assert allocated == 20


def test_a_supply_that_two_people_change_at_once_changes_once(staff: Client, main: Any, sku: str) -> None:
    supply = expect(staff, sku, 5)
    path = f"/inbound-supplies/{supply['id']}"
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda more: staff.patch(path, json={"quantity": 6 + more}, version=1), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
