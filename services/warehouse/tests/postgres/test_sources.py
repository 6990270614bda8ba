"""From where goods are promised: the customer's own warehouse, then the provider's by priority, whole before split."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, client_for, published
from warehouse.tests.conftest import EVERYTHING
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres

OWNER = "0195556a-0000-7000-8000-0000000000d1"


def places(promised: Any, order: Order) -> list[dict[str, int]]:
    """For each line how much comes from which warehouse."""
    return [
        {source["warehouse_id"]: source["reserved"] + source["allocated"] for source in line["sources"]}
        for line in promised(order.id)["lines"]
    ]


@pytest.fixture(scope="module")
def second(main: Any, service: Any, tokens: Any) -> Any:
    client = client_for(service, tokens.staff(EVERYTHING))
    return client.post("/warehouses", json={"code": "SECOND", "name": "Second", "priority": 200}).json


@pytest.fixture(scope="module")
def own(main: Any, service: Any, tokens: Any) -> Any:
    client = client_for(service, tokens.staff(EVERYTHING))
    return client.post("/warehouses", json={"code": "OWN", "name": "Of one customer", "customer_id": OWNER}).json


def test_one_warehouse_with_everything_comes_before_a_split(
    main: Any, second: Any, receive: Any, tell: Any, promised: Any, sku: str, customer_id: str
) -> None:
    other = f"{sku}-b"
    receive(sku, 10)
    receive(other, 1)
    receive(sku, 10, warehouse="SECOND")
    receive(other, 10, warehouse="SECOND")
    order = Order(customer_id, [(sku, 2), (other, 2)])
    tell(order.tell("placed"))
    assert places(promised, order) == [{second["id"]: 2}, {second["id"]: 2}]


def test_without_one_that_has_everything_each_article_comes_whole_by_priority(
    main: Any, second: Any, receive: Any, tell: Any, promised: Any, sku: str, customer_id: str
) -> None:
    other = f"{sku}-b"
    receive(sku, 10)
    receive(other, 1)
    receive(other, 10, warehouse="SECOND")
    order = Order(customer_id, [(sku, 2), (other, 2)])
    tell(order.tell("placed"))
    assert places(promised, order) == [{main["id"]: 2}, {second["id"]: 2}]


def test_what_no_warehouse_has_whole_is_split_by_priority(
    main: Any, second: Any, receive: Any, tell: Any, promised: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 3, warehouse="SECOND")
    receive(sku, 3)
    order = Order(customer_id, [(sku, 5)])
    tell(order.tell("placed"))
    assert places(promised, order) == [{main["id"]: 3, second["id"]: 2}]


def test_a_customer_s_own_warehouse_serves_it_first_and_nobody_else(
    main: Any, own: Any, receive: Any, tell: Any, promised: Any, switch: Any, sku: str, customer_id: str
) -> None:
    switch(OWNER, "on")
    receive(sku, 5)
    receive(sku, 5, warehouse="OWN")
    owner, other = Order(OWNER, [(sku, 5)]), Order(customer_id, [(sku, 6)])
    tell(owner.tell("placed"), other.tell("placed"))
    assert places(promised, owner) == [{own["id"]: 5}]
    assert places(promised, other) == [{main["id"]: 5}]


def test_a_warehouse_that_is_switched_off_serves_nobody(
    main: Any, own: Any, receive: Any, tell: Any, promised: Any, switch: Any, sku: str
) -> None:
    switch(OWNER, "off")
    receive(sku, 1)
    receive(sku, 5, warehouse="OWN")
    order = Order(OWNER, [(sku, 5)])
    tell(order.tell("placed"))
    assert places(promised, order) == [{main["id"]: 1}]


def test_goods_of_another_owner_are_promised_to_nobody_else(
    main: Any, own: Any, receive: Any, tell: Any, promised: Any, switch: Any, sku: str, customer_id: str
) -> None:
    switch(OWNER, "on")
    receive(sku, 5, warehouse="OWN", owner_id=customer_id)
    receive(sku, 5, owner_id=OWNER)
    order = Order(OWNER, [(sku, 5)])
    tell(order.tell("placed"))
    assert places(promised, order) == [{}]


def test_a_shipment_tells_how_many_of_its_goods_are_the_customer_s_own(
    service: Service, staff: Client, own: Any, receive: Any, tell: Any, switch: Any, sku: str
) -> None:
    switch(OWNER, "on")
    receive(sku, 3, warehouse="OWN", owner_id=OWNER)
    receive(sku, 2, warehouse="OWN")
    order = Order(OWNER, [(sku, 4)])
    tell(order.tell("placed"), order.tell("confirmed"))
    made = staff.post("/shipments", json={"order_id": order.id})
    assert staff.post(f"/shipments/{made.json['id']}/dispatch", json={}).status_code == 200
    [line] = published(service.db, "warehouse.shipment.dispatched.v1")[-1].data["lines"]
    assert (line["quantity"], line["quantity_own"]) == (4, 3)


def test_a_draining_warehouse_promises_nothing_new_and_keeps_its_promises(
    place: Any, receive: Any, staff: Client, tell: Any, promised: Any, sku: str, customer_id: str
) -> None:
    drained = place()
    receive(sku, 5, warehouse=drained["code"])
    before = Order(customer_id, [(sku, 2)])
    tell(before.tell("placed"))
    assert staff.patch(f"/warehouses/{drained['id']}", json={"status": "draining"}, version=1).status_code == 200
    after = Order(customer_id, [(sku, 2)])
    tell(after.tell("placed"), before.tell("confirmed"))
    assert places(promised, before) == [{drained["id"]: 2}]
    assert promised(after.id)["lines"][0]["short"] == 2


def test_stock_of_an_own_warehouse_fills_only_its_customer_s_queue(
    own: Any, receive: Any, tell: Any, promised: Any, switch: Any, sku: str, customer_id: str
) -> None:
    switch(OWNER, "on")
    other, owner = Order(customer_id, [(sku, 2)], backorder=True), Order(OWNER, [(sku, 2)], backorder=True)
    tell(other.tell("placed"), other.tell("confirmed"), owner.tell("placed"), owner.tell("confirmed"))
    receive(sku, 5, warehouse="OWN")
    assert [promised(order.id)["lines"][0]["backordered"] for order in (other, owner)] == [2, 0]
