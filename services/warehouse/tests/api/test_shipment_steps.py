"""Shipments between the plan and the door: picked, packed, and lost, refused or damaged on their way."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published
from warehouse.tests.sent import Sender, ask
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres

STEPS = ("picking", "packing", "dispatch", "delivery", "cancellation", "exception")
# From each status, which steps may follow.
MAY = {
    "planned": {"picking", "packing", "dispatch", "cancellation"},
    "picking": {"packing", "dispatch", "cancellation"},
    "packed": {"dispatch", "cancellation"},
    "shipped": {"delivery", "exception"},
    "delivered": set(),
    "cancelled": set(),
    "exception": {"delivery"},
}
WAY = {
    "planned": (),
    "picking": ("picking",),
    "packed": ("picking", "packing"),
    "shipped": ("dispatch",),
    "delivered": ("dispatch", "delivery"),
    "cancelled": ("cancellation",),
    "exception": ("dispatch", "exception"),
}


@pytest.fixture
def planned(staff: Client, tell: Any, receive: Any, customer_id: str, sku: str) -> Any:
    """A planned shipment of three pieces."""
    receive(sku, 3)
    order = Order(customer_id, [(sku, 3)])
    tell(order.tell("placed"), order.tell("confirmed"))
    answer = staff.post("/shipments", json={"order_id": order.id})
    assert answer.status_code == 201, answer.json
    return answer.json


def step(client: Client, shipment: Any, name: str, **body: Any) -> Any:
    bare = name in {"picking", "packing", "cancellation"}
    given = None if bare else {"kind": "lost", **body} if name == "exception" else body
    return client.post(f"/shipments/{shipment['id']}/{name}", json=given)


@pytest.mark.parametrize("status", list(MAY))
def test_each_step_follows_where_it_should_and_nowhere_else(staff: Client, planned: Any, status: str) -> None:
    for name in WAY[status]:
        assert step(staff, planned, name).status_code == 200
    assert staff.get(f"/shipments/{planned['id']}").json["status"] == status
    for name in STEPS:
        if name not in MAY[status]:
            answer = step(staff, planned, name)
            assert (answer.status_code, answer.json["code"]) == (409, "warehouse.shipment_state"), name


def test_what_is_picked_stays_allocated_and_goes_with_its_order(
    staff: Client, planned: Any, stock: Any, sku: str, tell: Any, promised: Any, service: Service
) -> None:
    step(staff, planned, "picking")
    again = staff.post("/shipments", json={"order_id": planned["order_id"]})
    assert (again.status_code, again.json["code"]) == (409, "warehouse.nothing_to_ship")
    step(staff, planned, "packing")
    assert stock(sku) == (3, 0, 3)
    told = [one.type.split(".")[2] for one in published(service.db) if one.subject == planned["id"]]
    assert told == ["created", "picking_started", "packed"]
    assert step(staff, planned, "cancellation").json["status"] == "cancelled"
    assert (stock(sku), promised(planned["order_id"])["state"]) == ((3, 0, 3), "allocated")


def test_an_order_that_is_cancelled_takes_what_is_picked_along(
    staff: Client, tell: Any, receive: Any, customer_id: str, sku: str, stock: Any
) -> None:
    receive(sku, 2)
    order = Order(customer_id, [(sku, 2)])
    tell(order.tell("placed"), order.tell("confirmed"))
    made = staff.post("/shipments", json={"order_id": order.id}).json
    step(staff, made, "picking")
    tell(order.tell("cancelling"))
    assert staff.get(f"/shipments/{made['id']}").json["status"] == "cancelled"
    assert stock(sku) == (2, 0, 0)


@pytest.mark.parametrize(("kind", "claimed"), [("lost", "never_arrived"), ("damaged", "damaged"), ("refused", None)])
def test_what_was_lost_or_damaged_is_claimed_as_far_as_it_is_left(
    sender: Sender, staff: Client, sku: str, customer_id: str, kind: str, claimed: str | None, service: Service
) -> None:
    sent = sender.send(customer_id, sku, 5, delivered=False)
    ask(staff, sent.line(2))
    answer = step(staff, sent.shipment, "exception", kind=kind, note="The carrier says so.", resolution="credit")
    assert (answer.json["status"], answer.json["exception"]) == ("exception", kind)
    told = [one for one in published(service.db) if one.subject == sent.shipment["id"]][-1]
    assert (told.type, told.data["exception"]) == (
        "warehouse.shipment.failed.v1",
        {"kind": kind, "note": "The carrier says so."},
    )
    found = staff.get(f"/claims?shipment_id={sent.shipment['id']}").json["items"]
    assert [(one["kind"], one["quantity"], one["resolution"], one["status"]) for one in found] == (
        [(claimed, 3, "credit", "requested")] if claimed else []
    )
    # What was refused comes back; what is claimed does not come back as well.
    more = staff.post("/returns", json={"lines": [sent.line(3)]})
    assert more.status_code == (409 if claimed else 201)


def test_a_lost_shipment_of_which_everything_is_in_returns_makes_no_claim(
    sender: Sender, staff: Client, sku: str, customer_id: str
) -> None:
    sent = sender.send(customer_id, sku, 2, delivered=False)
    ask(staff, sent.line(2))
    assert step(staff, sent.shipment, "exception").status_code == 200
    assert staff.get(f"/claims?shipment_id={sent.shipment['id']}").json["items"] == []
