"""What this service publishes fits its schema, and it reads every example of what it consumes."""

import json
from pathlib import Path
from threading import Event as Stop
from typing import Any

import pytest

from common.contracts import Contracts
from common.envelope import from_document
from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from common.testing.events import event
from common.testing.importing import run_import
from common.testing.merging import Merge
from warehouse.events import PUBLISHES
from warehouse.jobs.upkeep import Expiry, Inventories, ReturnExpiry
from warehouse.settings import Settings
from warehouse.tests import inventories
from warehouse.tests.sent import Sender, every_verb
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres

CONTRACTS = Contracts(Settings().contracts_dir)


def consumed() -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=f"{event_type}-{path.stem}")
        for event_type in CONTRACTS.consumed_by("warehouse")
        for path in sorted((CONTRACTS.event_folder(event_type) / "examples").glob("*.json"))
    ]


def test_everything_that_is_published_is_published_and_fits_its_schema(
    service: Service,
    receive: Any,
    staff: Client,
    place: Any,
    tell: Any,
    customer_id: str,
    sku: str,
    clock: Any,
    sender: Sender,
    company: Any,
) -> None:
    made = place()
    staff.patch(f"/warehouses/{made['id']}", json={"priority": 1}, version=1)
    receive(sku, 10)
    for line in ({"change": -1}, {"on_hand": 9}):
        body = {"warehouse": "MAIN", "reason": "Count", "lines": [{"sku": sku} | line]}
        staff.post("/stock/adjustments", json=body)
    run_import(staff, service, b"warehouse,sku,quantity\nmain,TOLD,3\n", type="stock")
    order, expiring = Order(customer_id, [(sku, 4)]), Order(customer_id, [(sku, 1)])
    tell(order.tell("placed"), order.tell("confirmed"), expiring.tell("placed"))
    for verb in ("cancellation", "dispatch"):
        shipment = staff.post(
            "/shipments", json={"order_id": order.id, "lines": [{"line_id": order.line_id(), "quantity": 1}]}
        )
        staff.post(f"/shipments/{shipment.json['id']}/{verb}", json=None if verb == "cancellation" else {})
    staff.post(f"/shipments/{shipment.json['id']}/delivery", json={})
    lost = staff.post("/shipments", json={"order_id": order.id, "lines": [{"line_id": order.line_id(), "quantity": 1}]})
    for verb, body in (("picking", None), ("packing", None), ("dispatch", {}), ("exception", {"kind": "lost"})):
        staff.post(f"/shipments/{lost.json['id']}/{verb}", json=body)
    tell(order.tell("cancelling"))
    every_verb(staff, sender, customer_id, f"{sku}-R", made["code"])
    _every_supply(staff, tell, customer_id, f"{sku}-S")
    inventories.every_verb(company(), lambda: Inventories(service.db).run(Stop()))
    clock.move(days=40)
    Expiry(service.db).run(Stop())
    ReturnExpiry(service.db).run(Stop())
    merge = Merge(new_id(), customer_id)
    tell(merge.tell("merged"), merge.tell("unmerged"))
    erased = _example("customer.customer.erased.v1")
    tell(
        event("customer.customer.erased.v1", customer_id, erased["data"] | {"id": customer_id}, customer_id=customer_id)
    )
    events = published(service.db)
    assert {one.type for one in events} == PUBLISHES
    for one in events:
        CONTRACTS.check(one.type, one.data)


def _every_supply(staff: Client, tell: Any, customer_id: str, sku: str) -> None:
    """Takes a supply through everything that is told of it, with a pre-order that waits for it."""
    body = {"sku": sku, "warehouse": "MAIN", "quantity": 9, "preorder_quantity": 9, "expected_on": "2031-03-01"}
    path = f"/inbound-supplies/{staff.post('/inbound-supplies', json=body).json['id']}"
    order = Order(customer_id, [(sku, 4)], ahead="2031-03-01")
    tell(order.tell("placed"))
    staff.patch(path, json={"expected_on": "2031-04-01"}, version=1)
    line = {"sku": sku, "quantity": 1, "supply_id": path.rpartition("/")[2]}
    staff.post("/stock/receipts", json={"warehouse": "MAIN", "lines": [line]})
    assert staff.post(f"{path}/cancellation").json["received"] == 1


def _example(event_type: str) -> Any:
    folder: Path = CONTRACTS.event_folder(event_type) / "examples"
    return json.loads((folder / "usual.json").read_text())


@pytest.mark.parametrize("document", consumed())
def test_every_example_of_the_producers_is_handled(service: Service, document: dict[str, Any]) -> None:
    deliver(service, from_document(document | {"id": new_id()}))


def test_what_is_read_of_an_article_is_shown_with_its_stock(
    service: Service, receive: Any, staff: Client, tell: Any, sku: str
) -> None:
    receive(sku, 1)
    data = _example("ordering.listing.published.v1")["data"] | {"id": new_id(), "sku": sku, "name": "Darjeeling"}
    tell(event("ordering.listing.published.v1", data["id"], data))
    assert [item["name"] for item in staff.get("/stock?q=darjee").json["items"]] == ["Darjeeling"]


def test_an_erased_customer_s_addresses_are_forgotten(
    service: Service, receive: Any, tell: Any, rows: Any, sku: str, other_id: str
) -> None:
    receive(sku, 1)
    address = dict.fromkeys(("line1", "line2", "city", "region", "postal_code", "country")) | {"name": "Maria Anders"}
    order = Order(other_id, [(sku, 1)], ship_to=address)
    tell(order.tell("placed"))
    erased = _example("customer.customer.erased.v1")["data"] | {"id": other_id, "erased_ids": [other_id]}
    tell(event("customer.customer.erased.v1", other_id, erased, customer_id=other_id))
    assert [
        row["ship_to"] for row in rows("SELECT ship_to FROM order_reservations WHERE order_id = :id", id=order.id)
    ] == [None]
    assert published(service.db)[-1].data["counts"]["order_reservations"] == 1
