"""Ordering and warehouse together: whatever order the events take and however often they come, every order ends,
nothing stays promised without one, and no stock is lost."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import text

from common import inbox
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for, published
from inventory import packages
from ordering.queries.orphans import count_orphans
from ordering.tests import ordered

pytestmark = pytest.mark.postgres

SKUS = [f"S{number}" for number in range(4)]
IN_STOCK, ARRIVES_LATER = 40, 100


class Saga:
    """The two services with what travels between them. `disorder` shuffles events, sends half of them twice and cuts
    them into batches of any size; without it they arrive as they were sent."""

    def __init__(
        self, ordering: Service, warehouse: Service, tokens: TestTokens, disorder: random.Random | None
    ) -> None:
        self.ordering, self.warehouse = ordering, warehouse
        everything = ["orders.view", "orders.place", "orders.confirm", "stock.view", "stock.edit", "shipments.edit"]
        token = tokens.staff([*everything, "warehouses.edit", "listings.view", "prices.view", "operations.view"])
        self.orders = client_for(ordering, token)
        self.stock = client_for(warehouse, token)
        self._disorder = disorder
        self._arrived: set[tuple[str, str]] = set()

    def settle(self) -> None:
        """Carries events until nobody has anything to say."""
        for _round in range(100):
            if not self._carry(self.ordering, self.warehouse) + self._carry(self.warehouse, self.ordering):
                return
        raise AssertionError("they never stop talking")

    def _carry(self, sender: Service, reader: Service) -> int:
        news = [
            event
            for event in published(sender.db)
            if event.type in reader.handlers and (event.id, reader.name) not in self._arrived
        ]
        self._arrived |= {(event.id, reader.name) for event in news}
        size, sent = 50, list(news)
        if self._disorder:
            sent += self._disorder.sample(news, len(news) // 2)
            self._disorder.shuffle(sent)
            size = self._disorder.randint(1, 7)
        for at in range(0, len(sent), size):
            inbox.apply(reader, reader.name, [(event, "interactive") for event in sent[at : at + size]])
        return len(news)

    def receive(self, quantity: int) -> None:
        lines = [{"sku": sku, "quantity": quantity} for sku in SKUS]
        assert self.stock.post("/stock/receipts", json={"warehouse": "MAIN", "lines": lines}).status_code == 201

    def ship(self, order_id: str) -> None:
        """Sends all that is allocated to an order, if anything is."""
        made = self.stock.post("/shipments", json={"order_id": order_id})
        if made.status_code == 201:
            sent = self.stock.post(f"/shipments/{made.json['id']}/dispatch", json={})
            assert sent.status_code == 200, sent.text


@pytest.fixture(params=[None, 1, 2, 3], ids=lambda seed: "in order" if seed is None else f"in disorder {seed}")
def saga(
    request: pytest.FixtureRequest, service_database: Callable[[str], TestDatabase], tokens: TestTokens
) -> Iterator[Saga]:
    named = {package.name: package for package in packages()}
    made = [
        named[name].build(DATABASE_URL=service_database(name).app_url, IDENTITY_PUBLIC_KEY=tokens.public_key)
        for name in ("ordering", "warehouse")
    ]
    yield Saga(made[0], made[1], tokens, random.Random(request.param) if request.param else None)
    for service in made:
        service.db.dispose()


def test_every_order_ends_and_all_stock_is_accounted_for(saga: Saga) -> None:
    story = random.Random(7)  # the same in each order of events
    assert saga.stock.post("/warehouses", json={"code": "MAIN", "name": "Main"}).status_code == 201
    saga.receive(IN_STOCK)
    customers = [ordered.company(saga.ordering, new_id(), auto_confirm_orders=value) for value in ("off", "on", "on")]
    policies = ("none", "unlimited", "none", "unlimited")
    listings = [
        ordered.listing(saga.ordering, sku=sku, backorder_policy=policy)
        for sku, policy in zip(SKUS, policies, strict=True)
    ]
    orders = live(saga, story, customers, listings)
    for order_id in orders:
        saga.orders.post(f"/orders/{order_id}/confirmation", json={})
    saga.settle()
    saga.receive(ARRIVES_LATER)
    for order_id in orders:
        saga.ship(order_id)
    saga.settle()

    ends = Counter(saga.orders.get(f"/orders/{order_id}").json["status"] for order_id in orders)
    assert set(ends) == {"completed", "cancelled"}
    states = {saga.stock.get(f"/reservations/{order_id}").json["state"] for order_id in orders}
    assert states == {"consumed", "released"}
    assert_settled(saga)


def live(saga: Saga, story: random.Random, customers: list[str], listings: list[str]) -> list[str]:
    """Orders are submitted, confirmed, cancelled and sent while the events of others are still on their way."""
    orders: list[str] = []
    for number in range(30):
        lines = [(listing, story.randint(1, 5)) for listing in story.sample(listings, 2)]
        orders.append(ordered.draft(saga.orders, story.choice(customers), *lines)["id"])
        assert saga.orders.post(f"/orders/{orders[-1]}/submission", json={}).status_code == 200
        if number % 4 == 0:
            saga.settle()
        if number % 7 == 3:
            saga.orders.post(f"/orders/{orders[number - 1]}/cancellation", json={"reason": "Not needed"})
        if number % 5 == 2:
            saga.orders.post(f"/orders/{orders[number - 2]}/confirmation", json={})
        if number % 6 == 5:
            saga.ship(orders[number - 4])
    saga.settle()
    return orders


def assert_settled(saga: Saga) -> None:
    """Nothing is held, promised or orphaned, and what is on hand is what came less what went."""
    assert saga.stock.get("/operations/stock-drift").json == {"items": []}
    for service in (saga.ordering, saga.warehouse):
        with service.db.transaction() as session:
            assert session.execute(text("SELECT count(*) FROM held")).scalar_one() == 0
    with saga.ordering.db.transaction() as session:
        assert not any(count_orphans(session, minutes=0).values())
    balances = saga.stock.get("/stock").json["items"]
    assert [(item["reserved"], item["allocated"]) for item in balances] == [(0, 0)] * len(SKUS)
    sent = Counter({sku: sum(line["quantity"] for line in lines_of(saga.stock) if line["sku"] == sku) for sku in SKUS})
    assert {item["sku"]: item["on_hand"] for item in balances} == {
        sku: IN_STOCK + ARRIVES_LATER - sent[sku] for sku in SKUS
    }


def lines_of(stock: Client) -> list[Any]:
    """The lines of all shipments that left."""
    shipments = stock.get("/shipments?status=shipped&limit=200").json["items"]
    return list(chain.from_iterable(shipment["lines"] for shipment in shipments))
