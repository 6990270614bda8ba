"""Random lives of stock: whatever happens, balances are the sums of what made them, and nothing is promised twice."""

from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres

CUSTOMERS = ("0195556a-0000-7000-8000-0000000000e1", "0195556a-0000-7000-8000-0000000000e2")


class Lives(RuleBasedStateMachine):
    """Two articles in two warehouses, with orders that live their lives."""

    service: ClassVar[Service]
    client: ClassVar[Client]
    warehouses: ClassVar[list[str]]

    def __init__(self) -> None:
        super().__init__()
        self.skus = [f"{new_id()}-{number}" for number in range(2)]
        self.orders: list[Order] = []
        self.received = dict.fromkeys(self.skus, 0)
        self.sent = dict.fromkeys(self.skus, 0)
        self.named = dict.fromkeys(self.skus, 0)
        self.supplies: list[Any] = []

    @rule(article=st.integers(0, 1), place=st.integers(0, 1), quantity=st.integers(1, 9))
    def receive(self, article: int, place: int, quantity: int) -> None:
        line = {"sku": self.skus[article], "quantity": quantity}
        body = {"warehouse": self.warehouses[place], "lines": [line]}
        assert self.client.post("/stock/receipts", json=body).status_code == 201
        self.received[self.skus[article]] += quantity

    @rule(article=st.integers(0, 1), place=st.integers(0, 1), on_hand=st.integers(0, 6))
    def count(self, article: int, place: int, on_hand: int) -> None:
        before = self.on_hand(article)
        line = {"sku": self.skus[article], "on_hand": on_hand}
        body = {"warehouse": self.warehouses[place], "reason": "Count", "lines": [line]}
        assert self.client.post("/stock/adjustments", json=body).status_code == 201
        self.received[self.skus[article]] += self.on_hand(article) - before

    @rule(
        quantities=st.lists(st.tuples(st.integers(0, 1), st.integers(1, 6)), min_size=1, max_size=3),
        who=st.integers(0, 1),
        how=st.sampled_from(["now", "backorder", "ahead"]),
    )
    def place(self, quantities: list[tuple[int, int]], who: int, how: str) -> None:
        lines = [(self.skus[article], quantity) for article, quantity in quantities]
        ahead = "2031-03-01" if how == "ahead" else None
        order = Order(CUSTOMERS[who], lines, backorder=how == "backorder", ahead=ahead)
        self.orders.append(order)
        deliver(self.service, order.tell("placed"))

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 100), verb=st.sampled_from(["confirmed", "confirmed", "cancelling", "rejected"]))
    def decide(self, which: int, verb: str) -> None:
        order = self.orders[which % len(self.orders)]
        deliver(self.service, order.tell(verb))

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 100), less=st.integers(1, 3))
    def give_up(self, which: int, less: int) -> None:
        order = self.orders[which % len(self.orders)]
        line = order.lines[0]
        line["quantity_cancelled"] = min(line["quantity"], line["quantity_cancelled"] + less)
        deliver(self.service, order.tell("updated"))

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 100), place=st.integers(0, 1), end=st.sampled_from(["dispatch", "cancellation", ""]))
    def ship(self, which: int, place: int, end: str) -> None:
        order = self.orders[which % len(self.orders)]
        body = {"order_id": order.id, "warehouse_id": self.warehouses[place]}
        made = self.client.post("/shipments", json=body)
        assert made.status_code in {201, 409, 422}, made.json
        if made.status_code == 201 and end:
            sent = self.client.post(f"/shipments/{made.json['id']}/{end}", json={} if end == "dispatch" else None)
            assert sent.status_code == 200 or sent.json["code"] == "warehouse.stock_missing", sent.json
            for line in made.json["lines"] if sent.status_code == 200 and end == "dispatch" else ():
                self.sent[line["sku"]] += line["quantity"]

    @rule(article=st.integers(0, 1), place=st.integers(0, 1), quantity=st.integers(1, 9), days=st.integers(1, 9))
    def expect(self, article: int, place: int, quantity: int, days: int) -> None:
        body = {"sku": self.skus[article], "warehouse": self.warehouses[place], "quantity": quantity}
        body |= {"preorder_quantity": quantity // 2 + 1, "expected_on": f"2031-03-0{days}"}
        made = self.client.post("/inbound-supplies", json=body)
        assert made.status_code == 201, made.json
        self.supplies.append(made.json)
        self.named[self.skus[article]] += made.json["preorder_quantity"]

    @precondition(lambda self: self.supplies)
    @rule(which=st.integers(0, 100), quantity=st.integers(1, 9))
    def arrive(self, which: int, quantity: int) -> None:
        supply = self.supplies[which % len(self.supplies)]
        line = {"sku": supply["sku"], "quantity": quantity, "supply_id": supply["id"]}
        body = {"warehouse": supply["warehouse_id"], "lines": [line]}
        taken = self.client.post("/stock/receipts", json=body)
        assert taken.status_code == 201 or taken.json["code"] == "warehouse.supply_state", taken.json
        self.received[supply["sku"]] += quantity if taken.status_code == 201 else 0

    @precondition(lambda self: self.supplies)
    @rule(which=st.integers(0, 100), days=st.integers(1, 9), less=st.integers(0, 9))
    def slip(self, which: int, days: int, less: int) -> None:
        path = f"/inbound-supplies/{self.supplies[which % len(self.supplies)]['id']}"
        now = self.client.get(path).json
        body = {"expected_on": f"2031-04-0{days}", "preorder_quantity": max(0, now["preorder_quantity"] - less)}
        moved = self.client.patch(path, json=body, version=now["version"])
        assert moved.status_code == 200 or moved.json["code"] == "warehouse.supply_state", moved.json

    @invariant()
    def no_more_waits_ahead_than_was_ever_named_and_all_of_it_has_a_day(self) -> None:
        for sku in self.skus:
            waiting = [
                line
                for order in self.orders
                for line in self.promised(order)
                if line["sku"] == sku and line["preorder"] and line["backordered"]
            ]
            assert sum(line["backordered"] for line in waiting) <= self.named[sku]
            assert all(line["promised_on"] == line["promised_dates"][-1]["after"] for line in waiting)
            for supply in self.client.get(f"/inbound-supplies?sku={sku}").json["items"]:
                assert supply["preordered"] == sum(line["backordered"] for line in waiting)

    @invariant()
    def balances_are_the_sums_of_what_made_them(self) -> None:
        assert self.client.get("/operations/stock-drift").json == {"items": []}

    @invariant()
    def no_stock_is_lost(self) -> None:
        for article, sku in enumerate(self.skus):
            assert self.on_hand(article) == self.received[sku] - self.sent[sku]

    @invariant()
    def nobody_waits_for_what_is_there(self) -> None:
        for article, sku in enumerate(self.skus):
            free = sum(max(0, item["available"]) for item in self.items(article))
            lines = [line for order in self.orders for line in self.promised(order) if line["sku"] == sku]
            # Who ordered ahead waits for the supply that is named for it, whatever lies on the shelf.
            assert not free or not any(line["backordered"] for line in lines if not line["preorder"])
            assert all(line["allocated"] + line["shipped"] <= line["quantity"] for line in lines)

    def items(self, article: int) -> list[Any]:
        return list(self.client.get(f"/stock?sku={self.skus[article]}").json["items"])

    def on_hand(self, article: int) -> int:
        return sum(item["on_hand"] for item in self.items(article))

    def promised(self, order: Order) -> list[Any]:
        return list(self.client.get(f"/reservations/{order.id}").json["lines"])


def test_random_lives_of_stock_leave_no_drift(service: Service, tokens: TestTokens, place: Any) -> None:
    codes = [place()["id"] for _ in range(2)]
    permissions = ["stock.view", "stock.edit", "shipments.edit", "orders.view", "operations.view"]
    client = client_for(service, tokens.staff(permissions))
    lives = type("Lives", (Lives,), {"service": service, "client": client, "warehouses": codes})
    run_state_machine_as_test(
        lives,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
