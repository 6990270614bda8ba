"""People and programs that act on the same goods at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, deliver
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres


def test_a_shipment_that_two_people_dispatch_leaves_once(
    receive: Any, staff: Client, tell: Any, stock: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 10)
    order = Order(customer_id, [(sku, 4)])
    tell(order.tell("placed"), order.tell("confirmed"))
    made = staff.post("/shipments", json={"order_id": order.id}).json
    path = f"/shipments/{made['id']}/dispatch"
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: staff.post(path, json={}), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    assert stock(sku) == (6, 0, 0)


def test_shipments_that_are_planned_at_once_share_what_is_allocated(
    receive: Any, staff: Client, tell: Any, rows: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 10)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed"), order.tell("confirmed"))
    body = {"order_id": order.id, "lines": [{"line_id": order.line_id(), "quantity": 2}]}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: staff.post("/shipments", json=body), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    [planned] = rows("SELECT sum(quantity) AS sum FROM shipment_lines WHERE line_id = :id", id=order.line_id())
    assert planned["sum"] == 4


def test_nobody_waits_for_goods_whose_first_receipt_comes_at_that_moment(
    service: Service, main: Any, staff: Client, stock: Any, rows: Any, sku: str, customer_id: str
) -> None:
    skus = [f"{sku}-{number}" for number in range(12)]
    orders = [Order(customer_id, [(each, 3)], backorder=True) for each in skus]

    def order_or_receive(at: int) -> None:
        order = orders[at // 2]
        if at % 2:
            deliver(service, [order.tell("placed"), order.tell("confirmed")])
        else:
            body = {"warehouse": "MAIN", "lines": [{"sku": skus[at // 2], "quantity": 3}]}
            answer = staff.post("/stock/receipts", json=body)
            assert answer.status_code == 201

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(order_or_receive, range(24)))
    assert {stock(each) for each in skus} == {(3, 0, 3)}
    assert rows("SELECT 1 FROM reservation_lines WHERE backordered > 0 AND sku = ANY (:skus)", skus=skus) == []


def test_a_dispatch_and_a_cancellation_at_once_lose_nothing(
    service: Service, receive: Any, staff: Client, tell: Any, stock: Any, promised: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 40)
    orders = [Order(customer_id, [(sku, 4)]) for _ in range(10)]
    for order in orders:
        tell(order.tell("placed"), order.tell("confirmed"))
    made = [staff.post("/shipments", json={"order_id": order.id}).json["id"] for order in orders]

    def send_or_cancel(at: int) -> int:
        if at % 2:
            deliver(service, orders[at // 2].tell("cancelling"))
            return 0
        path = f"/shipments/{made[at // 2]}/dispatch"
        return int(staff.post(path, json={}).status_code)

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for status in pool.map(send_or_cancel, range(20)) if status]
    sent = statuses.count(200)
    assert set(statuses) <= {200, 409}
    assert stock(sku) == (40 - 4 * sent, 0, 0)
    assert {promised(order.id)["state"] for order in orders} <= {"released", "consumed"}
    assert sum(promised(order.id)["lines"][0]["shipped"] for order in orders) == 4 * sent
