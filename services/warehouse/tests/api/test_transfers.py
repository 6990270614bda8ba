"""Transfers between warehouses over HTTP: nothing is lost on the way, and nobody sells what is on it."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published
from warehouse.tests.sent import COST, do, move
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres


def there(staff: Client, sku: str, warehouse: str) -> tuple[int, Any]:
    items = staff.get(f"/stock?sku={sku}&warehouse={warehouse}").json["items"]
    return (sum(item["on_hand"] for item in items), items[0]["average_cost"] if items else None)


def refused(client: Client, path: str, **body: Any) -> tuple[int, str]:
    answer = client.post(path, json=body or None)
    return answer.status_code, answer.json["code"]


def test_goods_move_with_their_cost_and_are_nobodys_on_the_way(
    receive: Any, place: Any, staff: Client, sku: str, service: Service, tell: Any, promised: Any, customer_id: str
) -> None:
    receive(sku, 10, unit_cost=COST)
    north = place()["code"]
    receive(sku, 10, warehouse=north, unit_cost={"amount": "4.50", "currency": "EUR"})
    moved = move(staff, sku, 10, north)
    assert (moved["status"], moved["number"][:2]) == ("requested", "T-")
    assert do(staff, moved, "approval", "transfers")["status"] == "approved"
    assert do(staff, moved, "dispatch", "transfers")["status"] == "in_transit"
    assert (there(staff, sku, "MAIN")[0], there(staff, sku, north)[0]) == (0, 10)
    order = Order(customer_id, [(sku, 15)], backorder=True)
    tell(order.tell("placed"), order.tell("confirmed"))
    assert promised(order.id)["lines"][0]["backordered"] == 5
    line = moved["lines"][0]["id"]
    part = do(staff, moved, "receipt", "transfers", lines=[{"transfer_line_id": line, "quantity": 4}])
    assert (part["status"], part["lines"][0]["received"]) == ("partially_received", 4)
    assert promised(order.id)["lines"][0]["backordered"] == 1
    assert do(staff, moved, "receipt", "transfers")["status"] == "received"
    assert there(staff, sku, north) == (20, {"amount": "3.50", "currency": "EUR"})
    assert promised(order.id)["lines"][0]["allocated"] == 15
    assert do(staff, moved, "closure", "transfers")["status"] == "closed"
    kinds = {(one["kind"], one["quantity"]) for one in staff.get(f"/stock/movements?sku={sku}").json["items"]}
    assert {("transfer_out", -10), ("transfer_in", 4), ("transfer_in", 6)} <= kinds
    told = [one for one in published(service.db) if one.subject == moved["id"]]
    assert [(one.type.split(".")[2], one.version) for one in told] == [
        ("requested", 1),
        ("approved", 2),
        ("dispatched", 3),
        ("received", 4),
        ("received", 5),
        ("closed", 6),
    ]


def test_what_is_promised_does_not_move(
    receive: Any, place: Any, staff: Client, sku: str, tell: Any, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 3)])
    tell(order.tell("placed"), order.tell("confirmed"))
    moved = move(staff, sku, 3, place()["code"])
    do(staff, moved, "approval", "transfers")
    answer = staff.post(f"/transfers/{moved['id']}/dispatch")
    assert (answer.status_code, answer.json["code"], answer.json["available"]) == (409, "warehouse.not_available", 2)
    assert there(staff, sku, "MAIN")[0] == 5
    assert do(staff, moved, "cancellation", "transfers")["status"] == "cancelled"


def test_what_is_missing_is_written_off_for_a_reason(receive: Any, place: Any, staff: Client, sku: str) -> None:
    receive(sku, 5)
    north = place()["code"]
    moved = move(staff, sku, 5, north)
    do(staff, moved, "approval", "transfers")
    do(staff, moved, "dispatch", "transfers")
    line = moved["lines"][0]["id"]
    path = f"/transfers/{moved['id']}"
    assert refused(staff, f"{path}/receipt", lines=[{"transfer_line_id": line, "quantity": 6}]) == (
        409,
        "warehouse.transfer_exceeded",
    )
    twice = [{"transfer_line_id": line, "quantity": 3}, {"transfer_line_id": line, "quantity": 3}]
    assert refused(staff, f"{path}/receipt", lines=twice) == (409, "warehouse.transfer_exceeded")
    assert refused(staff, f"{path}/receipt", lines=[{"transfer_line_id": moved["id"], "quantity": 1}]) == (
        422,
        "warehouse.transfer_line_unknown",
    )
    do(staff, moved, "receipt", "transfers", lines=[{"transfer_line_id": line, "quantity": 3}])
    answer = staff.post(f"{path}/closure", json={})
    assert (answer.status_code, answer.json["code"]) == (422, "warehouse.reason_needed")
    closed = do(staff, moved, "closure", "transfers", reason="Two fell off")
    assert (closed["status"], closed["reason"], there(staff, sku, north)[0]) == ("closed", "Two fell off", 3)


def test_steps_out_of_turn_and_strange_places_are_refused(
    receive: Any, place: Any, staff: Client, sku: str, customer_id: str, other_id: str
) -> None:
    receive(sku, 1)
    moved = move(staff, sku, 1, place()["code"])
    assert refused(staff, f"/transfers/{moved['id']}/dispatch") == (409, "warehouse.transfer_state")
    answer = staff.post(f"/transfers/{moved['id']}/receipt", json={})
    assert answer.json["code"] == "warehouse.transfer_state"
    assert refused(staff, f"/transfers/{customer_id}/approval") == (404, "warehouse.transfer_not_found")
    lines = [{"sku": sku, "quantity": 1}]
    body = {"from": "MAIN", "to": "MAIN", "lines": lines}
    assert refused(staff, "/transfers", **body) == (422, "warehouse.transfer_within")
    first, second = place(customer_id=customer_id)["code"], place(customer_id=other_id)["code"]
    body = {"from": first, "to": second, "lines": lines}
    assert refused(staff, "/transfers", **body) == (422, "warehouse.transfer_between_customers")
    body = {"from": "MAIN", "to": second, "lines": [lines[0] | {"owner_id": customer_id}]}
    assert refused(staff, "/transfers", **body) == (422, "warehouse.transfer_between_customers")
    body = {"from": "MAIN", "to": "NOWHERE", "lines": lines}
    assert refused(staff, "/transfers", **body) == (422, "warehouse.unknown")
