"""Each of the nine switches off against what a customer does with its stock and its goods: the rows of the rules'
table 2.2 about seeing and moving stock and about returns. Whatever the table leaves empty must have no effect."""

from collections.abc import Callable
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from portal_switches import KEYS
from warehouse.tests.sent import COST, Sender, ask, count_in, do, inspect
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres

ALL_ON = dict.fromkeys(KEYS, "on")
OFF = "warehouse.warehouse_disabled"

# What each operation answers while every switch is on.
USUAL = {
    "see stock": "3 on hand",
    "see movements": "receipt",
    "ask for a transfer in": "requested",
    "ask for a transfer out": "requested",
    "request a return": "authorized",
    "cancel a return": "cancelled",
    "return through staff": "credit wanted",
    "availability": "shown with quantities",
    "track what was sent": "delivered",
    "download the packing slip": "application/pdf",
    "see what is promised": "consumed",
    "see an own return": "authorized",
    "order from the own warehouse": "1 reserved",
}
# The cells that differ: what the switch refuses, and where it changes the way.
CELLS = {
    ("warehouse_enabled", "see stock"): OFF,
    ("warehouse_enabled", "see movements"): OFF,
    ("warehouse_enabled", "ask for a transfer in"): OFF,
    ("warehouse_enabled", "ask for a transfer out"): OFF,
    ("warehouse_enabled", "request a return"): "warehouse.return_by_staff",
    ("warehouse_enabled", "availability"): "shown",
    ("warehouse_enabled", "order from the own warehouse"): "0 reserved",
}


class Case:
    """A customer with its own warehouse, goods in it, and goods that were sent to it."""

    def __init__(self, service: Service, tokens: TestTokens, staff: Client, sender: Sender, sku: str) -> None:
        self.staff, self.sender, self.sku = staff, sender, sku
        self.customer = new_id()
        grants = ["stock.view", "orders.view", "orders.place", "transfers.request"]
        self.person = client_for(service, tokens.portal({self.customer: grants}))

    def prepare(self, switch: Callable[..., None]) -> None:
        """Fills the warehouse and sends goods while every switch is on."""
        self.switch = switch
        switch(self.customer, "on", **ALL_ON)
        answer = self.staff.post(f"/customers/{self.customer}/warehouse", json={"code": f"D-{self.sku}"})
        assert answer.status_code == 201, answer.json
        line = {"sku": f"{self.sku}-D", "quantity": 3, "owner_id": self.customer, "unit_cost": COST}
        taken = self.staff.post("/stock/receipts", json={"warehouse": f"D-{self.sku}", "lines": [line]})
        assert taken.status_code == 201, taken.json
        self.sent = self.sender.send(self.customer, self.sku, 4)
        self.underway, self.kept = ask(self.person, self.sent.line(1)), ask(self.person, self.sent.line(1))

    def turn_off(self, key: str) -> None:
        """Turns one switch off."""
        self.switch(self.customer, **{"value": ALL_ON["warehouse_enabled"], **ALL_ON, key: "off"})

    def run(self, operation: str) -> str:
        """Tries an operation and says what came of it."""
        return str(getattr(self, f"_{operation.replace(' ', '_')}")())

    def _see_stock(self) -> str:
        answer = self.person.get("/stock")
        return f"{answer.json['items'][0]['on_hand']} on hand" if answer.status_code == 200 else answer.json["code"]

    def _see_movements(self) -> str:
        answer = self.person.get("/stock/movements")
        return answer.json["items"][0]["kind"] if answer.status_code == 200 else answer.json["code"]

    def _ask_for_a_transfer_in(self) -> str:
        return self._transfer("in", self.sku)

    def _ask_for_a_transfer_out(self) -> str:
        return self._transfer("out", f"{self.sku}-D")

    def _transfer(self, direction: str, sku: str) -> str:
        body = {"direction": direction, "lines": [{"sku": sku, "quantity": 1}]}
        return _told(self.person.post(f"/customers/{self.customer}/warehouse/transfers", json=body), 201)

    def _request_a_return(self) -> str:
        return _told(self.person.post("/returns", json={"lines": [self.sent.line(1)]}), 201)

    def _cancel_a_return(self) -> str:
        return _told(self.person.post(f"/returns/{self.underway['id']}/cancellation", json={}), 200)

    def _return_through_staff(self) -> str:
        made = ask(self.staff, self.sent.line(1), warehouse="MAIN")
        do(self.staff, made, "authorization")
        count_in(self.staff, made, 1)
        done = inspect(self.staff, made, (1, "A", "restock", "credit"))
        return "credit wanted" if done["credit_wanted"] else "nothing"

    def _availability(self) -> str:
        answer = self.person.get(f"/stock/availability?customer_id={self.customer}&sku={self.sku}-D")
        [item] = answer.json["items"]
        return "shown with quantities" if item["available"] is not None else "shown"

    def _track_what_was_sent(self) -> str:
        return _told(self.person.get(f"/shipments/{self.sent.shipment['id']}"), 200)

    def _download_the_packing_slip(self) -> str:
        answer = self.person.get(f"/shipments/{self.sent.shipment['id']}/packing-slip")
        return str(answer.content_type if answer.status_code == 200 else answer.json["code"])

    def _see_what_is_promised(self) -> str:
        answer = self.person.get(f"/reservations/{self.sent.order.id}")
        return str(answer.json["state" if answer.status_code == 200 else "code"])

    def _see_an_own_return(self) -> str:
        return _told(self.person.get(f"/returns/{self.kept['id']}"), 200)

    def _order_from_the_own_warehouse(self) -> str:
        order = Order(self.customer, [(f"{self.sku}-D", 1)])
        self.sender.tell(order.tell("placed"))
        [line] = self.person.get(f"/reservations/{order.id}").json["lines"]
        return f"{line['reserved']} reserved"


def _told(answer: Any, status: int) -> str:
    return str(answer.json["status"] if answer.status_code == status else answer.json["code"])


@pytest.fixture
def case(service: Service, tokens: TestTokens, staff: Client, sender: Sender, sku: str, switch: Any, main: Any) -> Case:
    made = Case(service, tokens, staff, sender, sku)
    made.prepare(switch)
    return made


@pytest.mark.parametrize("key", KEYS)
def test_a_switch_that_is_off_does_what_the_table_says(case: Case, key: str) -> None:
    case.turn_off(key)
    found = {operation: case.run(operation) for operation in USUAL}
    assert found == {operation: CELLS.get((key, operation), usual) for operation, usual in USUAL.items()}


def test_with_every_switch_on_everything_is_as_usual(case: Case) -> None:
    assert {operation: case.run(operation) for operation in USUAL} == USUAL
