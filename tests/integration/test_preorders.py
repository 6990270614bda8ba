"""Ordering and the warehouse together, from a pre-order over a day that slips to goods of which too few arrive, with
messages in any order and twice."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.ids import new_id
from common.testing import deliver
from ordering.tests import ordered
from ordering.tests.told import customer, switches

from .pair import Both

pytestmark = pytest.mark.postgres

ON = {"order_authorization": "on", "inherit_global_marketplace": "on", "auto_confirm_orders": "on"}
AHEAD = {"allow_preorders": "on", "warehouse_enabled": "on"}


class Release:
    """An article that is offered ahead, and a supply of ten of it."""

    def __init__(self, both: Both, chance: random.Random | None) -> None:
        self.both, self.chance = both, chance
        self.sku, self.code, self.customer = f"N-{new_id()[-10:]}", f"W-{new_id()[-10:]}", new_id()
        for service in both.services:
            deliver(service, customer(self.customer, name="Alderwick"))
            deliver(service, switches("customer", self.customer, **ON, **AHEAD))
        self.day = datetime.now(UTC).date() + timedelta(days=60)
        self.listing = ordered.listing(both.services[0], sku=self.sku, preorderable=True, available_from=self.day)
        assert both.keeper.post("/warehouses", json={"code": self.code, "name": "Main"}).status_code == 201
        body = {"sku": self.sku, "warehouse": self.code, "quantity": 10, "preorder_quantity": 10}
        answer = both.keeper.post("/inbound-supplies", json=body | {"expected_on": self.day.isoformat()})
        assert answer.status_code == 201, answer.json
        self.supply = f"/inbound-supplies/{answer.json['id']}"

    def talk(self) -> None:
        self.both.exchange(self.chance)

    def order(self, quantity: int) -> Any:
        made = ordered.draft(self.both.sales, self.customer, (self.listing, quantity))
        placed = ordered.do(self.both.sales, made, "submission")
        self.talk()
        return placed

    def line(self, order: Any) -> Any:
        return self.read(order)["lines"][0]

    def read(self, order: Any) -> Any:
        return ordered.read(self.both.sales, order)

    def slip(self, days: int) -> str:
        later = (self.day + timedelta(days=days)).isoformat()
        version = self.both.keeper.get(self.supply).json["version"]
        assert self.both.keeper.patch(self.supply, json={"expected_on": later}, version=version).status_code == 200
        self.talk()
        return later

    def receive(self, quantity: int) -> None:
        line = {"sku": self.sku, "quantity": quantity, "supply_id": self.supply.rpartition("/")[2]}
        answer = self.both.keeper.post("/stock/receipts", json={"warehouse": self.code, "lines": [line]})
        assert answer.status_code == 201, answer.json
        self.talk()


@pytest.mark.parametrize("chance", [None, random.Random(3), random.Random(4)], ids=["in order", "3", "4"])
def test_a_release_with_less_than_was_ordered_ahead_goes_to_the_oldest_whatever_order_messages_come_in(
    both: Both, chance: random.Random | None
) -> None:
    release = Release(both, chance)
    first, second, third = release.order(6), release.order(4), release.order(1)
    assert [release.read(one)["status"] for one in (first, second, third)] == ["confirmed", "confirmed", "rejected"]
    assert release.read(third)["reason"] == "supply_exhausted"
    assert release.line(second)["promised_on"] == release.day.isoformat()
    # Within the tolerance nobody is asked; beyond it the buyer is, counted from the day that it knows.
    release.slip(5)
    assert release.line(second)["date_decision"] is None
    later = release.slip(12)
    assert [release.line(one)["promised_on"] for one in (first, second)] == [later, later]
    asked = release.line(second)["date_decision"]
    assert (asked["agreed_on"], asked["decision"]) == (release.day.isoformat(), "open")
    answer = {"lines": [{"line_id": second["lines"][0]["id"], "decision": "accept"}]}
    ordered.do(both.sales, second, "date-decisions", **answer)
    # The switch goes off midway, and seven of ten arrive.
    for service in both.services:
        deliver(service, switches("customer", release.customer, 2, **ON, allow_preorders="off", warehouse_enabled="on"))
    release.receive(7)
    assert [
        tuple(release.line(one)[name] for name in ("quantity_allocated", "quantity_backordered"))
        for one in (first, second)
    ] == [(6, 0), (1, 3)]
    ordered.do(both.sales, first, "cancellation", reason="Too late")
    release.talk()
    assert release.read(first)["status"] == "cancelled"
    assert (release.line(second)["quantity_allocated"], release.line(second)["quantity_backordered"]) == (4, 0)
    assert both.keeper.get("/operations/stock-drift").json == {"items": []}
