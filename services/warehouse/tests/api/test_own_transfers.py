"""Transfers that a customer's own people ask for, into their warehouse and out of it."""

from collections.abc import Callable
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from warehouse.tests.sent import COST, do

pytestmark = pytest.mark.postgres

OWN = ["stock.view", "orders.view", "transfers.request"]


@pytest.fixture
def customer_id() -> str:
    """A customer that no other test touches."""
    return new_id()


@pytest.fixture
def keeper(service: Service, tokens: TestTokens, customer_id: str) -> Client:
    """Somebody of the customer who looks after its warehouse."""
    return client_for(service, tokens.portal({customer_id: OWN}))


@pytest.fixture
def own(staff: Client, switch: Any, customer_id: str, sku: str, main: Any) -> Any:
    """The customer's own warehouse, while its switch is on."""
    switch(customer_id, "on")
    answer = staff.post(f"/customers/{customer_id}/warehouse", json={"code": f"D-{sku}"})
    assert answer.status_code == 201, answer.json
    return answer.json["warehouse"]


@pytest.fixture
def ask(keeper: Client, customer_id: str, sku: str) -> Callable[..., Any]:
    """Asks for some of the article to be moved."""

    def request(direction: str, quantity: int = 1, *, client: Client = keeper, **line: Any) -> Any:
        body = {"direction": direction, "lines": [{"sku": sku, "quantity": quantity} | line]}
        return client.post(f"/customers/{customer_id}/warehouse/transfers", json=body)

    return request


def lies(staff: Client, sku: str, warehouse: str) -> dict[str | None, int]:
    items = staff.get(f"/stock?sku={sku}&warehouse={warehouse}").json["items"]
    return {item["owner_id"]: item["on_hand"] for item in items if item["on_hand"]}


def test_what_a_customer_asks_for_moves_once_staff_has_approved_it(
    own: Any, ask: Any, keeper: Client, staff: Client, receive: Any, sku: str, main: Any
) -> None:
    receive(sku, 5, unit_cost=COST)
    answer = ask("in", 3)
    made = answer.json
    assert (answer.status_code, made["status"], made["by_customer"]) == (201, "requested", True)
    assert (made["from_id"], made["to_id"]) == (main["id"], own["id"])
    for verb in ("approval", "dispatch", "receipt"):
        assert keeper.post(f"/transfers/{made['id']}/{verb}").status_code == 403
    assert lies(staff, sku, own["code"]) == {}
    for verb in ("approval", "dispatch", "receipt", "closure"):
        do(staff, made, verb, "transfers")
    assert (lies(staff, sku, own["code"]), lies(staff, sku, "MAIN")) == ({None: 3}, {None: 2})
    [shown] = keeper.get("/transfers").json["items"]
    assert (shown["id"], shown["status"]) == (made["id"], "closed")


def test_a_customers_own_goods_leave_its_warehouse_and_stay_its_own(
    own: Any, ask: Any, staff: Client, receive: Any, sku: str, customer_id: str
) -> None:
    receive(sku, 4, warehouse=own["code"], owner_id=customer_id)
    made = ask("out", 4).json
    assert (made["from_id"], made["lines"][0]["owner_id"]) == (own["id"], customer_id)
    for verb in ("approval", "dispatch", "receipt"):
        do(staff, made, verb, "transfers")
    assert (lies(staff, sku, own["code"]), lies(staff, sku, "MAIN")) == ({}, {customer_id: 4})
    back = ask("in", 4, owner="own").json
    assert back["lines"][0]["owner_id"] == customer_id
    assert ask("out", 1, owner="provider").json["lines"][0]["owner_id"] is None


def test_a_customer_takes_back_only_what_nobody_has_decided_about(
    own: Any, ask: Any, keeper: Client, staff: Client, stranger: Client
) -> None:
    made, approved = ask("in").json, ask("in").json
    assert stranger.post(f"/transfers/{made['id']}/cancellation", json={}).status_code == 403
    assert do(keeper, made, "cancellation", "transfers")["status"] == "cancelled"
    do(staff, approved, "approval", "transfers")
    answer = keeper.post(f"/transfers/{approved['id']}/cancellation", json={})
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.transfer_decided")
    assert do(staff, approved, "cancellation", "transfers")["status"] == "cancelled"


def test_with_the_switch_off_nothing_is_asked_for(
    own: Any, ask: Any, switch: Any, customer_id: str, staff: Client
) -> None:
    switch(customer_id, "off")
    for client in ({}, {"client": staff}):
        answer = ask("in", **client)
        assert (answer.status_code, answer.json["code"], answer.json["switch"]) == (
            403,
            "warehouse.warehouse_disabled",
            "warehouse_enabled",
        )


def test_without_a_warehouse_there_is_nothing_to_move(ask: Any, switch: Any, customer_id: str, main: Any) -> None:
    switch(customer_id, "on")
    answer = ask("in")
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.no_warehouse")


def test_a_draining_warehouse_is_emptied_by_its_customer_and_not_filled(own: Any, ask: Any, staff: Client) -> None:
    staff.patch(f"/warehouses/{own['id']}", json={"status": "draining"}, version=own["version"])
    assert ask("in").json["code"] == "warehouse.no_warehouse"
    assert ask("out").status_code == 201


def test_only_who_may_asks_and_only_at_the_own_node(
    own: Any, ask: Any, service: Service, tokens: TestTokens, customer_id: str, other_id: str
) -> None:
    looker = client_for(service, tokens.portal({customer_id: ["stock.view", "orders.place"]}))
    answer = ask("in", client=looker)
    assert (answer.status_code, answer.json["permission"]) == (403, "transfers.request")
    elsewhere = client_for(service, tokens.portal({other_id: OWN}))
    assert ask("in", client=elsewhere).status_code == 404
    # Of two customers it is the one at which the permission is held that counts.
    both = client_for(service, tokens.portal({customer_id: ["stock.view"], other_id: OWN}))
    assert ask("in", client=both).status_code == 403
