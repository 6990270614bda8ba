"""Ordering and the warehouse together, by their real events: whatever people do meanwhile, and however late and often
messages come, every order ends, and both sides agree on what was shipped."""

import random
from typing import Any

import pytest
from sqlalchemy import text

from common.testing import Client
from ordering.tests import ordered

from .pair import Both

pytestmark = pytest.mark.postgres

ENDS = {"completed", "cancelled", "rejected"}


class Story:
    """A customer, a warehouse with three articles, and five orders of them."""

    def __init__(self, both: Both, seed: int) -> None:
        self.both, self.chance = both, random.Random(seed)
        self.code = f"W{seed}"
        self.customer = both.company(auto_confirm_orders=self.chance.choice(["on", "off"]))
        assert both.keeper.post("/warehouses", json={"code": self.code, "name": "Main"}).status_code == 201
        policies = ("none", "unlimited", self.chance.choice(["none", "unlimited"]))
        self.skus = {f"{self.code}-{place}": policy for place, policy in enumerate(policies)}
        self.listings = [
            ordered.listing(both.services[0], sku=sku, backorder_policy=policy) for sku, policy in self.skus.items()
        ]
        self.receive(10)
        self.orders = [self._order() for _ in range(5)]

    def _order(self) -> ordered.Order:
        lines = [(one, self.chance.randint(1, 6)) for one in self.listings]
        sales = self.both.sales
        return ordered.do(sales, ordered.draft(sales, self.customer, *lines), "submission")

    def receive(self, quantity: int) -> None:
        lines = [{"sku": sku, "quantity": quantity} for sku in self.skus]
        answer = self.both.keeper.post("/stock/receipts", json={"warehouse": self.code, "lines": lines})
        assert answer.status_code == 201, answer.text

    def ship(self, order: ordered.Order, *, dispatch: bool = True) -> None:
        """Ships what is allocated, if anything is."""
        keeper: Client = self.both.keeper
        planned = [one["id"] for one in keeper.get(f"/shipments?order_id={order['id']}&status=planned").json["items"]]
        made = keeper.post("/shipments", json={"order_id": order["id"]})
        planned += [made.json["id"]] if made.status_code == 201 else []
        for one in planned if dispatch else ():
            sent = keeper.post(f"/shipments/{one}/dispatch", json={})
            assert sent.status_code == 200, sent.text

    def change(self, order: ordered.Order) -> None:
        """Gives up some of a line, wants more or less of one, or takes the order back and submits it again."""
        place, chance = f"/orders/{order['id']}", self.chance
        lines = ordered.read(self.both.sales, order)["lines"]
        line, many = chance.choice(lines)["id"], chance.randint(1, 4)
        what = chance.choice(["line-cancellations", "revisions", "withdrawal"])
        named = {"lines": [{"line_id": line, "quantity": many}], "reason": "Another number"}
        answer = self.both.sales.post(f"{place}/{what}", json={} if what == "withdrawal" else named)
        assert answer.status_code in {200, 409, 422}, answer.text
        if what == "withdrawal" and answer.status_code == 200 and chance.random() < 0.7:
            ordered.do(self.both.sales, order, "submission")

    def happen(self) -> None:
        """One thing that somebody does, whether or not it is the time for it."""
        order, chance, sales = self.chance.choice(self.orders), self.chance, self.both.sales
        place = f"/orders/{order['id']}"
        what = chance.choice(
            ["confirm", "confirm", "cancel", "ship", "ship", "receive", "talk", "talk", "talk", "change", "change"]
        )
        if what == "confirm":
            sales.post(f"{place}/confirmation", json={"accept_shortage": chance.random() < 0.5})
        elif what == "cancel" and chance.random() < 0.4:
            sales.post(f"{place}/cancellation", json={"reason": "Not needed"})
        elif what == "change":
            self.change(order)
        elif what == "ship":
            self.ship(order, dispatch=chance.random() < 0.8)
        elif what == "receive":
            self.receive(chance.randint(1, 3))
        elif what == "talk":
            self.both.exchange(chance)

    def end(self) -> list[ordered.Order]:
        """Delivers everything that is still open, and returns the orders."""
        for order in self.orders:
            self.both.sales.post(f"/orders/{order['id']}/submission", json={})
        self.both.exchange(self.chance)
        self.receive(60)
        for order in self.orders:
            self.both.exchange()
            self.both.sales.post(f"/orders/{order['id']}/confirmation", json={"accept_shortage": True})
        self.both.exchange()
        for order in self.orders:
            self.ship(order)
        self.both.exchange()
        return [ordered.read(self.both.sales, order) for order in self.orders]


@pytest.mark.parametrize("seed", range(6))
def test_every_order_ends_and_both_sides_agree(both: Both, seed: int) -> None:
    story = Story(both, seed)
    for _ in range(40):
        story.happen()
    ended = story.end()
    assert {order["status"] for order in ended} <= ENDS, [order["status"] for order in ended]
    for order in ended:
        held: dict[str, Any] = both.keeper.get(f"/reservations/{order['id']}").json
        assert held["state"] in {"released", "consumed"}
        # A line that an order had before it was taken back has nothing.
        shipped = {line["line_id"]: line["shipped"] for line in held["lines"] if line["shipped"]}
        found = {line["id"]: line["quantity_shipped"] for line in order["lines"] if line["quantity_shipped"]}
        assert found == shipped
        assert [line["quantity_cancelling"] for line in order["lines"]] == [0] * len(order["lines"])
    assert both.keeper.get("/operations/stock-drift").json["items"] == []
    assert orphans(both) == []


def orphans(both: Both) -> list[Any]:
    """What would be reported if all of this had happened an hour ago."""
    with both.services[0].db.transaction() as session:
        session.execute(text("UPDATE replica_reservations SET received_at = received_at - interval '1 hour'"))
        session.execute(text("UPDATE orders SET updated_at = updated_at - interval '1 hour'"))
    return list(both.sales.get("/operations/orphans").json["items"])
