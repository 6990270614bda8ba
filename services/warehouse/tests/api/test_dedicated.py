"""The life of a customer's own warehouse with the switch: nothing is a dead end."""

from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from warehouse.jobs.upkeep import Switches
from warehouse.tests.sent import Sender, ask, count_in, do, inspect, move
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres


@pytest.fixture
def customer_id() -> str:
    """A customer that no other test touches."""
    return new_id()


@pytest.fixture
def buyer(service: Service, tokens: TestTokens, customer_id: str) -> Client:
    return client_for(service, tokens.portal({customer_id: ["stock.view", "orders.view", "orders.place"]}))


def look(client: Client, customer_id: str) -> Any:
    answer = client.get(f"/customers/{customer_id}/warehouse")
    assert answer.status_code == 200, answer.json
    return answer.json


def follow(service: Service) -> None:
    Switches(service.db).run(Stop())


def blockers(shown: Any) -> dict[str, int]:
    return {one["kind"]: one["count"] for one in shown["blockers"]}


def test_a_switch_that_goes_on_asks_for_a_warehouse_and_one_is_made(
    staff: Client, buyer: Client, customer_id: str, switch: Any, sku: str
) -> None:
    switch(customer_id, "off")
    assert look(staff, customer_id)["state"] == "off"
    switch(customer_id, "on")
    shown = look(buyer, customer_id)
    assert (shown["state"], shown["warehouse"], shown["switch"]["active"]) == ("no_warehouse", None, True)
    assert "POST /api/customers/{id}/warehouse" in shown["next"]
    made = staff.post(f"/customers/{customer_id}/warehouse", json={"code": f"D-{sku}", "name": "Of the customer"})
    assert (made.status_code, made.json["state"], made.json["warehouse"]["kind"]) == (201, "ready", "dedicated")
    again = staff.post(f"/customers/{customer_id}/warehouse", json={})
    assert (again.status_code, again.json["code"]) == (409, "warehouse.customer_has_warehouse")
    assert look(buyer, customer_id)["state"] == "ready"


def test_an_empty_warehouse_of_the_provider_is_chosen(
    staff: Client, place: Any, receive: Any, customer_id: str, switch: Any, sku: str, stranger: Client
) -> None:
    switch(customer_id, "on")
    empty, full = place(), place()
    receive(sku, 1, warehouse=full["code"])
    path = f"/customers/{customer_id}/warehouse"
    answer = staff.post(path, json={"warehouse": full["code"]})
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.has_stock")
    assert staff.post(path, json={"warehouse": "NOWHERE"}).json["code"] == "warehouse.unknown"
    chosen = staff.post(path, json={"warehouse": empty["code"]})
    assert (chosen.status_code, chosen.json["warehouse"]["id"], chosen.json["warehouse"]["customer_id"]) == (
        201,
        empty["id"],
        customer_id,
    )
    other = new_id()
    switch(other, "on")
    answer = staff.post(f"/customers/{other}/warehouse", json={"warehouse": empty["id"]})
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.not_choosable")
    for client, asked in ((staff, new_id()), (stranger, customer_id)):
        answer = client.get(f"/customers/{asked}/warehouse")
        assert (answer.status_code, answer.json["code"]) == (404, "customer.not_found")


def test_a_warehouse_whose_switch_goes_off_drains_until_it_is_empty_and_closes(
    staff: Client,
    buyer: Client,
    service: Service,
    customer_id: str,
    switch: Any,
    receive: Any,
    tell: Any,
    sender: Sender,
    sku: str,
) -> None:
    switch(customer_id, "on")
    own = staff.post(f"/customers/{customer_id}/warehouse", json={"code": f"D-{sku}"}).json["warehouse"]
    receive(sku, 5, warehouse=own["code"], owner_id=customer_id)
    order = Order(customer_id, [(sku, 2)])
    tell(order.tell("placed"), order.tell("confirmed"))
    back = ask(buyer, sender.send(customer_id, f"{sku}-R", 1).line(1))
    receive(f"{sku}-T", 1)
    coming = move(staff, f"{sku}-T", 1, own["code"])
    do(staff, coming, "approval", "transfers")
    do(staff, coming, "dispatch", "transfers")
    follow(service)

    switch(customer_id, "off")
    follow(service)
    shown = look(staff, customer_id)
    assert (shown["state"], shown["warehouse"]["status"]) == ("draining", "draining")
    assert blockers(shown) == {"stock": 1, "promises": 1, "returns": 1, "transfers": 1}
    assert [one["ids"] for one in shown["blockers"] if one["kind"] == "returns"] == [[back["id"]]]
    told = [one for one in published(service.db, "warehouse.warehouse.updated.v1") if one.subject == own["id"]]
    assert (told[-1].data["status"], told[-1].actor) == ("draining", "system:warehouse-switch")

    # Nothing new comes in.
    body = {"warehouse": own["code"], "lines": [{"sku": sku, "quantity": 1}]}
    assert staff.post("/stock/receipts", json=body).json["code"] == "warehouse.not_open"
    body = {"from": "MAIN", "to": own["code"], "lines": [{"sku": sku, "quantity": 1}]}
    assert staff.post("/transfers", json=body).json["code"] == "warehouse.not_open"
    answer = staff.patch(f"/warehouses/{own['id']}", json={"status": "closed"}, version=shown["warehouse"]["version"])
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.has_stock")

    # What is promised leaves, and what is on its way ends.
    planned = staff.post("/shipments", json={"order_id": order.id}).json
    assert staff.post(f"/shipments/{planned['id']}/dispatch", json={}).status_code == 200
    count_in(staff, back, 1)
    inspect(staff, back, (1, "A", "restock", "none"))
    do(staff, back, "closure")
    do(staff, coming, "receipt", "transfers")
    do(staff, coming, "closure", "transfers")
    assert blockers(look(staff, customer_id)) == {"stock": 3}

    # The rest is moved out and stays the customer's.
    for article, quantity, owner in ((sku, 3, customer_id), (f"{sku}-R", 1, customer_id), (f"{sku}-T", 1, None)):
        line = {} if owner is None else {"owner_id": owner}
        moved = move(staff, article, quantity, "MAIN", own["code"], **line)
        for verb in ("approval", "dispatch", "receipt", "closure"):
            do(staff, moved, verb, "transfers")
    [item] = [one for one in staff.get(f"/stock?sku={sku}&warehouse=MAIN").json["items"] if one["on_hand"]]
    assert (item["owner_id"], item["on_hand"]) == (customer_id, 3)
    shown = look(staff, customer_id)
    assert (shown["state"], shown["blockers"]) == ("empty", [])
    answer = staff.patch(f"/warehouses/{own['id']}", json={"status": "closed"}, version=shown["warehouse"]["version"])
    assert answer.status_code == 200, answer.json
    assert look(staff, customer_id)["state"] == "off"

    # On again, it is chosen anew.
    switch(customer_id, "on")
    assert look(staff, customer_id)["state"] == "no_warehouse"
    opened = staff.post(f"/customers/{customer_id}/warehouse", json={"warehouse": own["code"]})
    assert (opened.status_code, opened.json["state"], opened.json["warehouse"]["id"]) == (201, "ready", own["id"])


def test_a_draining_warehouse_opens_when_its_switch_comes_on_again(
    staff: Client, service: Service, customer_id: str, switch: Any, sku: str
) -> None:
    switch(customer_id, "on")
    own = staff.post(f"/customers/{customer_id}/warehouse", json={"code": f"D-{sku}"}).json["warehouse"]
    follow(service)
    switch(customer_id, "off")
    follow(service)
    follow(service)
    assert look(staff, customer_id)["state"] == "empty"
    switch(customer_id, "on")
    follow(service)
    shown = look(staff, customer_id)
    assert (shown["state"], shown["warehouse"]["id"], shown["warehouse"]["version"]) == ("ready", own["id"], 3)


def test_a_warehouse_that_is_made_ahead_of_its_switch_is_filled(
    staff: Client, service: Service, customer_id: str, switch: Any, place: Any, receive: Any, sku: str
) -> None:
    switch(customer_id, "off")
    own = place(customer_id=customer_id)
    follow(service)
    assert receive(sku, 1, warehouse=own["code"])["on_hand"] == 1
