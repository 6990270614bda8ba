"""Warehouses over HTTP."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published

pytestmark = pytest.mark.postgres

THIRD = "0195556a-0000-7000-8000-0000000000c3"


def test_a_warehouse_is_made_changed_and_told(place: Any, staff: Client, service: Service) -> None:
    made = place(name="North", address={"city": "York", "country": "GB"})
    changed = staff.patch(f"/warehouses/{made['id']}", json={"priority": 5}, version=1)
    assert (changed.status_code, changed.json["priority"], changed.json["version"]) == (200, 5, 2)
    events = [event for event in published(service.db) if event.subject == made["id"]]
    assert [(event.type, event.version) for event in events] == [
        ("warehouse.warehouse.created.v1", 1),
        ("warehouse.warehouse.updated.v1", 2),
    ]
    assert events[-1].data["address"]["city"] == "York"


def test_the_stale_one_of_two_editors_is_refused(place: Any, staff: Client) -> None:
    made = place()
    staff.patch(f"/warehouses/{made['id']}", json={"name": "First"}, version=1)
    answer = staff.patch(f"/warehouses/{made['id']}", json={"name": "Second"}, version=1)
    assert (answer.status_code, answer.json["code"]) == (412, "warehouse.stale")


def test_a_code_is_given_once(place: Any, staff: Client) -> None:
    made = place()
    answer = staff.post("/warehouses", json={"code": made["code"].lower(), "name": "Again"})
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.code_taken")


def test_a_customer_has_one_dedicated_warehouse(place: Any, staff: Client) -> None:
    assert place(customer_id=THIRD)["kind"] == "dedicated"
    answer = staff.post("/warehouses", json={"code": "SECOND", "name": "Second", "customer_id": THIRD})
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.customer_has_warehouse")


def test_a_draining_warehouse_takes_nothing_in_and_closes_when_it_is_empty(
    place: Any, receive: Any, staff: Client, sku: str
) -> None:
    made = place()
    receive(sku, 2, warehouse=made["code"])
    assert staff.patch(f"/warehouses/{made['id']}", json={"status": "draining"}, version=1).status_code == 200
    line = {"sku": sku, "quantity": 1}
    refused = staff.post("/stock/receipts", json={"warehouse": made["code"], "lines": [line]})
    assert (refused.status_code, refused.json["code"]) == (409, "warehouse.not_open")
    full = staff.patch(f"/warehouses/{made['id']}", json={"status": "closed"}, version=2)
    assert (full.status_code, full.json["code"], full.json["on_hand"]) == (409, "warehouse.has_stock", 2)
    body = {"warehouse": made["code"], "reason": "Moved out", "lines": [{"sku": sku, "change": -2}]}
    assert staff.post("/stock/adjustments", json=body).status_code == 201
    assert staff.patch(f"/warehouses/{made['id']}", json={"status": "closed"}, version=2).json["status"] == "closed"


def test_goods_for_a_warehouse_that_is_not_there_are_refused(main: Any, staff: Client, sku: str) -> None:
    answer = staff.post("/stock/receipts", json={"warehouse": "NOWHERE", "lines": [{"sku": sku, "quantity": 1}]})
    assert (answer.status_code, answer.json["code"]) == (422, "warehouse.unknown")
    shown = staff.get(f"/warehouses/{new_id()}")
    assert (shown.status_code, shown.json["code"]) == (404, "warehouse.not_found")


def test_a_list_is_filtered(place: Any, staff: Client) -> None:
    made = place()
    staff.patch(f"/warehouses/{made['id']}", json={"status": "draining"}, version=1)
    shown = staff.get("/warehouses?status=draining&kind=provider").json["items"]
    assert made["id"] in [item["id"] for item in shown]
    assert {item["status"] for item in shown} == {"draining"}
