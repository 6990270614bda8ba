"""Shipments over HTTP: from what is allocated to the customer's door."""

import io
from collections.abc import Callable
from typing import Any

import pypdf
import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres

COST = {"amount": "2.50", "currency": "EUR"}
SHIP_TO = {
    "name": "Maria Anders",
    "line1": "Obere Str. 57",
    "line2": None,
    "city": "Berlin",
    "region": None,
    "postal_code": "12209",
    "country": "DE",
}


@pytest.fixture
def confirmed(receive: Any, tell: Any, customer_id: str) -> Callable[..., Order]:
    """Makes a confirmed order with stock for it."""

    def make(*lines: tuple[str, int], stock: int = 10, **fields: Any) -> Order:
        for sku, _ in lines:
            receive(sku, stock, unit_cost=COST)
        order = Order(customer_id, lines, **fields)
        tell(order.tell("placed"), order.tell("confirmed"))
        return order

    return make


def ship(staff: Client, order: Order, **body: Any) -> Any:
    answer = staff.post("/shipments", json={"order_id": order.id} | body)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_goods_are_planned_dispatched_and_delivered(
    confirmed: Any, staff: Client, stock: Any, promised: Any, service: Service, sku: str
) -> None:
    order = confirmed((sku, 4))
    planned = ship(staff, order)
    assert (planned["status"], planned["lines"][0]["quantity"], planned["number"][:2]) == ("planned", 4, "S-")
    body = {"carrier": "Speedy Express", "tracking_number": "SE-1", "tracking_url": "https://t.example/SE-1"}
    sent = staff.post(f"/shipments/{planned['id']}/dispatch", json=body).json
    assert (sent["status"], sent["tracking"]["number"], sent["cost"]) == (
        "shipped",
        "SE-1",
        {"amount": "10.00", "currency": "EUR"},
    )
    assert stock(sku) == (6, 0, 0)
    assert promised(order.id)["state"] == "consumed"
    done = staff.post(f"/shipments/{planned['id']}/delivery", json={}).json
    assert done["status"] == "delivered"
    about = [one for one in published(service.db) if one.subject == planned["id"]]
    assert [(one.type.split(".")[2], one.version) for one in about] == [
        ("created", 1),
        ("dispatched", 2),
        ("delivered", 3),
    ]
    assert about[1].data["cost"] == {"amount": "10.00", "currency": "EUR"}
    last = [one for one in published(service.db) if one.subject == order.id][-1]
    assert (last.type, last.data["lines"][0]["shipped"]) == ("warehouse.reservation.shipped.v1", 4)
    [movement] = staff.get(f"/stock/movements?shipment_id={planned['id']}").json["items"]
    assert (movement["kind"], movement["quantity"], movement["reference"]) == ("shipment", -4, planned["number"])


def test_the_rest_of_a_partly_sent_order_is_sent_later(confirmed: Any, staff: Client, promised: Any, sku: str) -> None:
    order = confirmed((sku, 4))
    first = ship(staff, order, lines=[{"line_id": order.line_id(), "quantity": 1, "serials": ["A1"]}])
    assert first["lines"][0]["serials"] == ["A1"]
    too_many = {"order_id": order.id, "lines": [{"line_id": order.line_id(), "quantity": 4}]}
    refused = staff.post("/shipments", json=too_many)
    assert (refused.status_code, refused.json["code"], refused.json["allocated"]) == (
        409,
        "warehouse.not_allocated",
        3,
    )
    staff.post(f"/shipments/{first['id']}/dispatch", json={})
    assert promised(order.id)["lines"][0]["allocated"] == 3
    rest = ship(staff, order)
    assert rest["lines"][0]["quantity"] == 3
    assert staff.post("/shipments", json={"order_id": order.id}).json["code"] == "warehouse.nothing_to_ship"


def test_a_line_named_twice_is_not_sent_twice(confirmed: Any, staff: Client, sku: str) -> None:
    order = confirmed((sku, 4))
    lines = [{"line_id": order.line_id(), "quantity": 3}, {"line_id": order.line_id(), "quantity": 1}]
    answer = staff.post("/shipments", json={"order_id": order.id, "lines": lines})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (409, "/lines/1/quantity")


def test_a_cancelled_shipment_leaves_the_same_goods_allocated(
    confirmed: Any, staff: Client, stock: Any, promised: Any, sku: str, rows: Any
) -> None:
    order = confirmed((sku, 4))
    before = rows("SELECT * FROM reservation_sources WHERE order_id = :id", id=order.id)
    planned = ship(staff, order)
    cancelled = staff.post(f"/shipments/{planned['id']}/cancellation")
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    assert rows("SELECT * FROM reservation_sources WHERE order_id = :id", id=order.id) == before
    assert stock(sku) == (10, 0, 4)
    again = ship(staff, order)
    assert again["lines"] == planned["lines"]
    sent = staff.post(f"/shipments/{planned['id']}/dispatch", json={})
    assert (sent.status_code, sent.json["code"]) == (409, "warehouse.shipment_state")


def test_a_shipment_leaves_once(confirmed: Any, staff: Client, stock: Any, sku: str) -> None:
    planned = ship(staff, confirmed((sku, 4)))
    assert staff.post(f"/shipments/{planned['id']}/dispatch", json={}).status_code == 200
    assert staff.post(f"/shipments/{planned['id']}/dispatch", json={}).json["code"] == "warehouse.shipment_state"
    assert stock(sku) == (6, 0, 0)


def test_goods_that_are_missing_are_not_sent(confirmed: Any, staff: Client, stock: Any, sku: str) -> None:
    planned = ship(staff, confirmed((sku, 4)))
    body = {"warehouse": "MAIN", "reason": "Fire", "lines": [{"sku": sku, "on_hand": 1}]}
    assert staff.post("/stock/adjustments", json=body).status_code == 201
    answer = staff.post(f"/shipments/{planned['id']}/dispatch", json={})
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.stock_missing")
    assert stock(sku) == (1, 0, 4)


def test_an_order_on_hold_or_unknown_or_incomplete_is_not_sent(
    confirmed: Any, staff: Client, tell: Any, sku: str, customer_id: str
) -> None:
    order = confirmed((sku, 4))
    planned = ship(staff, order)
    tell(order.tell("held", hold_reasons=["credit"]))
    assert staff.post("/shipments", json={"order_id": order.id}).json["code"] == "warehouse.order_held"
    assert staff.post(f"/shipments/{planned['id']}/dispatch", json={}).json["code"] == "warehouse.order_held"
    tell(order.tell("released", hold_reasons=[]))
    assert staff.post(f"/shipments/{planned['id']}/dispatch", json={}).status_code == 200
    whole = confirmed((f"{sku}-w", 12), backorder=True, ship_policy="ship_complete")
    assert staff.post("/shipments", json={"order_id": whole.id}).json["code"] == "warehouse.order_incomplete"
    assert staff.post("/shipments", json={"order_id": customer_id}).json["code"] == "warehouse.order_unknown"


def test_goods_in_several_warehouses_need_one_to_be_named(
    receive: Any, place: Any, staff: Client, tell: Any, promised: Any, sku: str, customer_id: str
) -> None:
    other = place()
    receive(sku, 2)
    receive(sku, 2, warehouse=other["code"])
    order = Order(customer_id, [(sku, 4)])
    tell(order.tell("placed"), order.tell("confirmed"))
    assert len(promised(order.id)["lines"][0]["sources"]) == 2
    refused = staff.post("/shipments", json={"order_id": order.id})
    assert (refused.status_code, refused.json["code"]) == (422, "warehouse.warehouse_needed")
    assert ship(staff, order, warehouse_id=other["id"])["lines"][0]["quantity"] == 2


def test_an_order_cancelled_after_picking_began_gives_everything_back(
    confirmed: Any, staff: Client, tell: Any, stock: Any, promised: Any, sku: str
) -> None:
    order = confirmed((sku, 4))
    planned = ship(staff, order)
    tell(order.tell("cancelling"))
    assert staff.get(f"/shipments/{planned['id']}").json["status"] == "cancelled"
    assert stock(sku) == (10, 0, 0)
    assert promised(order.id)["state"] == "released"


def test_an_order_cancelled_when_part_has_left_gives_the_rest_back(
    confirmed: Any, staff: Client, tell: Any, stock: Any, promised: Any, service: Service, sku: str
) -> None:
    order = confirmed((sku, 4))
    sent = ship(staff, order, lines=[{"line_id": order.line_id(), "quantity": 1}])
    staff.post(f"/shipments/{sent['id']}/dispatch", json={})
    planned = ship(staff, order)
    tell(order.tell("cancelling"))
    assert stock(sku) == (9, 0, 0)
    assert staff.get(f"/shipments/{planned['id']}").json["status"] == "cancelled"
    last = [one for one in published(service.db) if one.subject == order.id][-1]
    line = last.data["lines"][0]
    assert (last.type, line["shipped"], line["allocated"], line["quantity"]) == (
        "warehouse.reservation.released.v1",
        1,
        0,
        1,
    )


def test_a_smaller_order_keeps_what_fits_and_plans_anew(
    confirmed: Any, staff: Client, tell: Any, stock: Any, promised: Any, sku: str
) -> None:
    order = confirmed((sku, 4))
    planned = ship(staff, order)
    order.lines[0]["quantity_cancelled"] = 1
    tell(order.tell("updated"))
    assert staff.get(f"/shipments/{planned['id']}").json["status"] == "cancelled"
    assert stock(sku) == (10, 0, 3)
    assert ship(staff, order)["lines"][0]["quantity"] == 3


def test_a_customer_sees_its_own_shipments_without_their_cost(
    confirmed: Any, staff: Client, portal: Client, stranger: Client, sku: str
) -> None:
    order = confirmed((sku, 4))
    made = ship(staff, order)
    staff.post(f"/shipments/{made['id']}/dispatch", json={})
    shown = portal.get(f"/shipments/{made['id']}").json
    assert (shown["status"], shown["cost"]) == ("shipped", None)
    assert portal.get(f"/shipments?order_id={order.id}").json["items"][0]["id"] == made["id"]
    assert portal.get(f"/reservations/{order.id}").json["state"] == "consumed"
    for path in (f"/shipments/{made['id']}", f"/shipments/{made['id']}/packing-slip", f"/reservations/{order.id}"):
        assert stranger.get(path).status_code == 404
    assert stranger.get(f"/shipments/{made['id']}").json["code"] == "warehouse.shipment_not_found"
    assert stranger.get("/shipments").json["items"] == []
    assert portal.post("/shipments", json={"order_id": order.id}).json["code"] == "staff_only"


def test_staff_without_the_permission_see_no_cost(
    confirmed: Any, staff: Client, service: Service, tokens: TestTokens, sku: str
) -> None:
    made = ship(staff, confirmed((sku, 1)))
    staff.post(f"/shipments/{made['id']}/dispatch", json={})
    client = client_for(service, tokens.staff(["orders.view"]))
    assert client.get(f"/shipments/{made['id']}").json["cost"] is None
    assert staff.get(f"/shipments/{made['id']}").json["cost"] is not None


def test_the_packing_slip_names_goods_and_their_destination(
    confirmed: Any, staff: Client, portal: Client, sku: str
) -> None:
    order = confirmed((sku, 4), (f"{sku}-b", 2), ship_to=SHIP_TO)
    order_line = {"line_id": order.line_id(), "quantity": 3, "serials": ["A1", "#B2"]}
    made = ship(staff, order, lines=[order_line, {"line_id": order.line_id(1), "quantity": 2}])
    staff.post(f"/shipments/{made['id']}/dispatch", json={"carrier": "Speedy *Express*"})
    answer = portal.get(f"/shipments/{made['id']}/packing-slip")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert f"{made['number']}.pdf" in answer.headers["Content-Disposition"]
    document = pypdf.PdfReader(io.BytesIO(answer.data))
    assert document.metadata is not None
    assert document.metadata.title == f"Packing slip {made['number']}"
    written = document.pages[0].extract_text()
    for part in ("Maria Anders", "12209", sku, f"Article {sku}-b", "A1, #B2", "Speedy *Express*", order.id[-6:]):
        assert part in written
    assert "2.50" not in written
