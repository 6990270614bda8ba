"""Lines of an order that are given up after it was confirmed: what is released is exactly what has not left, whatever
order the events of both sides take and however often they come."""

import random
from typing import Any

import pytest

from common.ids import new_id
from common.testing import Client, TestTokens, client_for
from ordering.tests import ordered
from ordering.tests.conftest import BUYER

from .pair import Both

pytestmark = pytest.mark.postgres

DISORDER = pytest.mark.parametrize("chance", [None, random.Random(1), random.Random(2)], ids=["in order", "1", "2"])


class Sale:
    """An order of ten of one article, of which some are there and the rest may wait."""

    def __init__(
        self, both: Both, tokens: TestTokens, chance: random.Random | None, *, there: int = 10, **switches: str
    ) -> None:
        self.both, self.chance = both, chance
        self.sku = f"L-{new_id()[-10:]}"
        self.customer = both.company(**switches)
        self.buyer = client_for(both.services[0], tokens.portal({self.customer: BUYER}))
        self.code = f"W-{self.sku[4:]}"
        assert both.keeper.post("/warehouses", json={"code": self.code, "name": "Main"}).status_code == 201
        self.receive(there)
        listing = ordered.listing(both.services[0], sku=self.sku, backorder_policy="unlimited")
        self.order = ordered.do(self.buyer, ordered.draft(self.buyer, self.customer, (listing, 10)), "submission")
        self.talk()
        assert self.read()["status"] == ("confirmed" if not switches else "pending_confirmation")

    def receive(self, quantity: int) -> None:
        receipt = {"warehouse": self.code, "lines": [{"sku": self.sku, "quantity": quantity}]}
        assert self.both.keeper.post("/stock/receipts", json=receipt).status_code == 201

    def talk(self) -> None:
        self.both.exchange(self.chance)

    def read(self) -> dict[str, Any]:
        return ordered.read(self.both.sales, self.order)

    def give_up(self, client: Client, quantity: int, status: int = 200) -> dict[str, Any]:
        lines = [{"line_id": self.order["lines"][0]["id"], "quantity": quantity}]
        return ordered.do(client, self.order, "line-cancellations", status, lines=lines, reason="Fewer guests")

    def plan(self, quantity: int) -> str:
        lines = [{"line_id": self.order["lines"][0]["id"], "quantity": quantity}]
        made = self.both.keeper.post("/shipments", json={"order_id": self.order["id"], "lines": lines})
        assert made.status_code == 201, made.text
        return str(made.json["id"])

    def dispatch(self, shipment: str) -> None:
        sent = self.both.keeper.post(f"/shipments/{shipment}/dispatch", json={})
        assert sent.status_code == 200, sent.text

    def pick(self) -> None:
        """Somebody in the warehouse begins with what is planned."""
        [planned] = self.both.keeper.get(f"/shipments?order_id={self.order['id']}&status=planned").json["items"]
        begun = self.both.keeper.post(f"/shipments/{planned['id']}/picking")
        assert begun.status_code == 200, begun.text

    def shipments(self) -> list[str]:
        found = self.both.keeper.get(f"/shipments?order_id={self.order['id']}").json["items"]
        return sorted(one["status"] for one in found)

    def stock(self) -> tuple[int, int]:
        """(on hand, allocated)."""
        [item] = self.both.keeper.get(f"/stock?sku={self.sku}").json["items"]
        return item["on_hand"], item["allocated"]

    def line(self) -> dict[str, int]:
        """What stands on the order's line, and the same at the warehouse."""
        [line] = self.read()["lines"]
        [held] = self.both.keeper.get(f"/reservations/{self.order['id']}").json["lines"]
        names = ("allocated", "backordered", "shipped", "cancelled", "cancelling")
        told = {name: line[f"quantity_{name}"] for name in names}
        assert {name: held[name] for name in names[:3]} == {name: told[name] for name in names[:3]}
        assert held["quantity"] == 10 - told["cancelled"]
        return {name: value for name, value in told.items() if value}


@DISORDER
def test_what_is_given_up_after_the_reservation_is_released_the_waiting_part_first(
    both: Both, tokens: TestTokens, chance: random.Random | None
) -> None:
    sale = Sale(both, tokens, chance, there=6)
    assert sale.line() == {"allocated": 6, "backordered": 4}
    assert sale.give_up(sale.buyer, 5)["lines"][0]["quantity_cancelling"] == 5
    sale.talk()
    assert (sale.line(), sale.stock()) == ({"allocated": 5, "cancelled": 5}, (6, 5))
    assert sale.read()["status"] == "confirmed"


@DISORDER
def test_a_customer_gives_up_until_it_is_being_packed_and_staff_later_too(
    both: Both, tokens: TestTokens, chance: random.Random | None
) -> None:
    sale = Sale(both, tokens, chance)
    sale.plan(7)
    sale.talk()
    assert sale.give_up(sale.buyer, 4, 409)["code"] == "ordering.picking_started"
    sale.give_up(sale.buyer, 3)
    sale.talk()
    assert (sale.line(), sale.shipments()) == ({"allocated": 7, "cancelled": 3}, ["planned"])
    sale.pick()
    sale.talk()
    refused = ordered.do(sale.buyer, sale.order, "cancellation", 409, reason="All of it")
    assert refused["code"] == "ordering.picking_started"
    sale.give_up(both.sales, 2)
    sale.talk()
    assert (sale.line(), sale.stock()) == ({"allocated": 5, "cancelled": 5}, (10, 5))
    assert sale.shipments() == ["cancelled"]


@DISORDER
def test_packing_that_crosses_what_a_customer_gives_up_stays_ordered(
    both: Both, tokens: TestTokens, chance: random.Random | None
) -> None:
    sale = Sale(both, tokens, chance)
    shipment = sale.plan(7)  # of which ordering has not heard
    sale.give_up(sale.buyer, 5)
    sale.talk()
    assert (sale.line(), sale.shipments()) == ({"allocated": 7, "cancelled": 3}, ["planned"])
    sale.dispatch(shipment)
    sale.talk()
    assert (sale.read()["status"], sale.stock()) == ("completed", (3, 0))


@DISORDER
def test_what_left_while_it_was_given_up_is_not_released(
    both: Both, tokens: TestTokens, chance: random.Random | None
) -> None:
    sale = Sale(both, tokens, chance)
    sale.dispatch(sale.plan(4))  # of which ordering has not heard
    sale.give_up(both.sales, 8)
    sale.talk()
    ended = sale.read()
    assert (ended["status"], sale.line()) == ("completed", {"shipped": 4, "cancelled": 6})
    assert sale.stock() == (6, 0)
    assert ended["reason"] == "Fewer guests"


@DISORDER
def test_after_a_part_has_left_the_rest_is_given_up_in_portions(
    both: Both, tokens: TestTokens, chance: random.Random | None
) -> None:
    sale = Sale(both, tokens, chance)
    sale.dispatch(sale.plan(4))
    sale.talk()
    assert sale.give_up(sale.buyer, 7, 422)["errors"][0]["detail"] == "At most 6 can be given up."
    sale.give_up(sale.buyer, 1)
    sale.give_up(sale.buyer, 2)
    assert sale.give_up(sale.buyer, 4, 422)["code"] == "ordering.line_unsuitable"
    sale.talk()
    assert (sale.line(), sale.stock()) == ({"allocated": 3, "shipped": 4, "cancelled": 3}, (6, 3))
    sale.give_up(both.sales, 3)
    sale.talk()
    assert (sale.read()["status"], sale.stock()) == ("completed", (6, 0))


@DISORDER
def test_an_order_of_which_everything_is_given_up_is_cancelled(
    both: Both, tokens: TestTokens, chance: random.Random | None
) -> None:
    sale = Sale(both, tokens, chance, there=6)
    sale.give_up(sale.buyer, 10)
    sale.talk()
    ended = sale.read()
    assert (ended["status"], ended["reason"], sale.stock()) == ("cancelled", "Fewer guests", (6, 0))
    assert both.keeper.get(f"/reservations/{ended['id']}").json["state"] == "released"


@DISORDER
def test_more_of_a_confirmed_order_is_allocated_besides_what_it_has(
    both: Both, tokens: TestTokens, chance: random.Random | None
) -> None:
    sale = Sale(both, tokens, chance)
    sale.receive(5)
    lines = [{"line_id": sale.order["lines"][0]["id"], "quantity": 12}]
    more = ordered.do(sale.buyer, sale.order, "revisions", lines=lines)
    assert (more["status"], more["total"]["amount"]) == ("confirmed", "120.00")
    sale.talk()
    assert (sale.read()["lines"][0]["quantity_allocated"], sale.stock()) == (12, (15, 12))


@DISORDER
def test_an_order_that_is_taken_back_holds_nothing_and_is_served_when_it_is_placed_again(
    both: Both, tokens: TestTokens, chance: random.Random | None
) -> None:
    sale = Sale(both, tokens, chance, auto_confirm_orders="off")
    ordered.do(sale.buyer, sale.order, "withdrawal")
    sale.talk()
    assert both.keeper.get(f"/reservations/{sale.order['id']}").json["state"] == "released"
    ordered.do(sale.buyer, sale.order, "submission")
    sale.talk()
    ordered.do(both.sales, sale.order, "confirmation")
    sale.talk()
    assert (sale.line(), sale.stock()) == ({"allocated": 10}, (10, 10))
