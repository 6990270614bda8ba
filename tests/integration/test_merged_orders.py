"""Customers become one, and apart again, while their orders are on their way: every order ends, on the same side for
everybody who keeps something of it."""

from typing import Any

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import deliver, eventually
from common.testing.merging import Merge
from customer_replica.merging import columns_of
from ordering.tests import ordered
from ordering.use_cases import merges as in_ordering
from warehouse.use_cases import merges as in_warehouse

from .pair import Both
from .product import Product
from .test_orders_and_stock import ENDS, Story

pytestmark = pytest.mark.postgres


def left_with(both: Both, customer_id: str) -> dict[str, int]:
    """How many rows of each table of either service belong to a customer."""
    found: dict[str, int] = {}
    for service, parts in zip(both.services, (in_ordering.PARTS, in_warehouse.PARTS), strict=True):
        with service.db.transaction() as session:
            for table, column in sorted(columns_of(parts)):
                count = text(f"SELECT count(*) FROM {table} WHERE {column} = :id")  # noqa: S608  # our own names
                if number := session.execute(count, {"id": customer_id}).scalar_one():
                    found[f"{service.name}: {table}.{column}"] = number
    return found


@pytest.mark.parametrize("seed", range(8))
def test_every_order_ends_whenever_either_side_hears_of_the_merge(both: Both, seed: int) -> None:
    story = Story(both, seed + 100)
    survivor = ordered.company(both.services[0])
    merge = Merge(survivor, story.customer)
    told = [merge.tell("merged"), *([merge.tell("unmerged")] if seed % 2 else [])]
    # Each side hears of it at a moment of its own, in the midst of everything.
    hearing: dict[int, list[tuple[Service, Any]]] = {}
    for service in both.services:
        for moment, one in zip(sorted(story.chance.sample(range(40), len(told))), told, strict=True):
            hearing.setdefault(moment, []).append((service, one))
    for moment in range(40):
        for service, one in hearing.get(moment, ()):
            deliver(service, one)
        story.happen()
    done = story.end()
    owner, other = (story.customer, survivor) if seed % 2 else (survivor, story.customer)
    assert {order["status"] for order in done} <= ENDS
    assert {order["customer_id"] for order in done} == {owner}
    assert left_with(both, other) == {}
    for order in done:
        kept = both.keeper.get(f"/reservations/{order['id']}").json
        assert (kept["customer_id"], kept["state"] in {"consumed", "released"}) == (owner, True)
        shipped = {line["line_id"]: line["shipped"] for line in kept["lines"]}
        assert {line["id"]: line["quantity_shipped"] for line in order["lines"]} == shipped
    assert both.keeper.get("/operations/stock-drift").json == {"items": []}


class Desk:
    """The administrator, through the gateway."""

    def __init__(self, product: Product) -> None:
        self._product, self._token = product, product.sign_in()

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        answer = self._product.ask("POST", path, self._token, json=body or {}, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self._product.ask("GET", path, self._token)
        return answer.json() if answer.status_code == 200 else None

    def customer(self, name: str) -> str:
        made: str = self.post("/customers", {"name": name})["id"]
        return made

    def order(self, customer_id: str, listing_id: str) -> str:
        """An order of three, as soon as everybody knows the customer."""
        body = {"customer_id": customer_id, "lines": [{"listing_id": listing_id, "quantity": 3}]}

        def made() -> str | None:
            answer = self._product.ask("POST", "/orders", self._token, json=body)
            return answer.json()["id"] if answer.status_code == 201 else None

        order_id = str(eventually(made, 30))
        self.post(f"/orders/{order_id}/submission")
        return order_id

    def shown(self, customer_id: str) -> dict[str, set[str]]:
        """The ids of what the customer's document shows."""
        document = self.get(f"/customers/{customer_id}/overview") or {}
        return {name: {one["id"] for one in document.get(name) or ()} for name in ("orders", "shipments", "quotes")}

    def confirmed(self, order_id: str) -> None:
        def done() -> bool:
            answer = self._product.ask("POST", f"/orders/{order_id}/confirmation", self._token, json={})
            return bool(answer.status_code == 200)

        eventually(done, 30)

    def ship(self, order_id: str) -> str:
        def planned() -> str | None:
            answer = self._product.ask("POST", "/shipments", self._token, json={"order_id": order_id})
            return answer.json()["id"] if answer.status_code == 201 else None

        shipment = str(eventually(planned, 30))
        self.post(f"/shipments/{shipment}/dispatch")
        return shipment


def test_the_overview_shows_orders_at_the_survivor_and_after_the_undo_where_they_were(product: Product) -> None:
    desk = Desk(product)
    survivor, loser = desk.customer("Alder Foods"), desk.customer("Alder Food")
    listing = desk.post("/listings", {"sku": "TEA-1", "name": "Tea", "kind": "stock"})
    desk.post(f"/listings/{listing['id']}/publication", **{"If-Match": f'"v{listing["version"]}"'})
    prices = desk.post("/price-lists", {"code": "ALL", "name": "All", "kind": "standard", "currency": "EUR"})
    price = {"listing_id": listing["id"], "amount": "10.00"}
    desk.post(f"/price-lists/{prices['id']}/prices", {"prices": [price]})
    desk.post("/warehouses", {"code": "MAIN", "name": "Main"})
    desk.post("/stock/receipts", {"warehouse": "MAIN", "lines": [{"sku": "TEA-1", "quantity": 10}]})
    shipped, open_one = desk.order(loser, listing["id"]), desk.order(loser, listing["id"])
    desk.confirmed(shipped)
    first = desk.ship(shipped)
    asked = {"customer_id": loser, "lines": [{"listing_id": listing["id"], "quantity": 1}]}
    quote = desk.post("/quotes", asked)["id"]
    before = {"orders": {shipped, open_one}, "shipments": {first}, "quotes": {quote}}
    eventually(lambda: desk.shown(loser) == before, 30)

    plan = desk.post(f"/customers/{survivor}/merge-plans", {"losers": [loser], "choices": {}})
    body = {"losers": [loser], "choices": {}, "fingerprint": plan["fingerprint"]}
    merge = desk.post(f"/customers/{survivor}/merges", body)["id"]
    eventually(lambda: desk.shown(survivor) == before, 30)
    desk.confirmed(open_one)
    second = desk.ship(open_one)
    eventually(lambda: desk.shown(survivor) == before | {"shipments": {first, second}}, 30)
    eventually(lambda: desk.get(f"/orders/{open_one}")["status"] == "completed", 30)

    desk.post(f"/customers/{survivor}/merges/{merge}/undo", {})
    eventually(lambda: desk.shown(loser) == before | {"shipments": {first, second}}, 30)
    eventually(lambda: not any(desk.shown(survivor).values()), 30)
    assert desk.get("/operations/orphans")["items"] == []
