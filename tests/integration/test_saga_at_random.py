"""Commands at random, in no sensible order and without waiting, and workers killed meanwhile: the books are right."""

import logging
import random
from collections import Counter
from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text

from common.testing import Figure, eventually

from .saga import ENDED, SERVICES, Order, Saga, ok, rows

log = logging.getLogger(__name__)

pytestmark = pytest.mark.faults

COMMANDS, KILLS = 300, 2


class People:
    """Everybody who orders, decides, receives, counts and ships, by chance."""

    def __init__(self, saga: Saga, chance: random.Random) -> None:
        self.saga = saga
        self.chance = chance
        self.companies = [saga.company(auto_confirm=number < 2) for number in range(4)]
        self.listings = [
            saga.listing(stock, **fields)
            for stock, fields in (
                (40, {}),
                (6, {}),
                (5, {"backorder_policy": "unlimited"}),
                (0, {"backorder_policy": "unlimited"}),
            )
        ]
        self.orders: list[Order] = []
        self.shipments: list[str] = []
        self.answers: Counter[str] = Counter()
        self._ways: list[tuple[Callable[[], Any], int]] = [
            (self.order, 6),
            (self.confirm, 4),
            (self.decline, 1),
            (self.cancel, 3),
            (self.plan, 6),
            (self.dispatch, 4),
            (self.unplan, 1),
            (self.receive, 2),
            (self.count, 1),
            (self.expire, 1),
        ]

    def act(self) -> None:
        """One command."""
        ways, weights = zip(*self._ways, strict=True)
        [way] = self.chance.choices(ways, weights)
        if self.orders or way == self.order:
            way()

    def order(self) -> None:
        lines = [
            (self.chance.choice(self.listings), self.chance.randint(1, 5)) for _ in range(self.chance.randint(1, 3))
        ]
        policy = self.chance.choice(["ship_partial", "ship_complete"])
        order = self.saga.draft(self.chance.choice(self.companies), *lines, ship_policy=policy)
        self.orders.append(order)
        self.saga.submit(order)

    def confirm(self) -> None:
        self.send(self.saga.staff, f"{self.one()}/confirmation", accept_shortage=self.chance.random() < 0.5)

    def decline(self) -> None:
        self.send(self.saga.staff, f"{self.one()}/decline", reason="No")

    def cancel(self) -> None:
        self.send(self.saga.staff, f"{self.one()}/cancellation", reason="Not needed")

    def plan(self) -> None:
        order = self.chance.choice(self.orders)
        part = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]} if self.chance.random() < 0.5 else {}
        made = self.send(self.saga.clerk, "/shipments", order_id=order["id"], **part)
        if made is not None:
            self.shipments.append(made["id"])

    def dispatch(self) -> None:
        if self.shipments:
            self.send(self.saga.clerk, f"/shipments/{self.chance.choice(self.shipments)}/dispatch")

    def unplan(self) -> None:
        if self.shipments:
            self.send(self.saga.clerk, f"/shipments/{self.chance.choice(self.shipments)}/cancellation")

    def receive(self) -> None:
        self.saga.receive(self.chance.choice(self.listings)["sku"], self.chance.randint(1, 6))

    def count(self) -> None:
        """Finds a little more or less than there should be."""
        line = {"sku": self.chance.choice(self.listings)["sku"], "change": self.chance.choice([-2, -1, 1])}
        self.send(self.saga.clerk, "/stock/adjustments", warehouse="MAIN", reason="Counted", lines=[line])

    def expire(self) -> None:
        """The time of all soft reservations is over."""
        with self.saga.warehouse.db.transaction() as session:
            session.execute(text("UPDATE order_reservations SET expires_at = now() WHERE state = 'active'"))
        next(job for job in self.saga.warehouse.jobs if job.name == "expiry").run(Stop())

    def one(self) -> str:
        return f"/orders/{self.chance.choice(self.orders)['id']}"

    def send(self, client: Any, path: str, **body: Any) -> dict[str, Any] | None:
        """A command that may be refused for what the order has become, and for nothing else."""
        answer = client.post(path, json=body)
        assert answer.status_code in {200, 201, 409, 422}, answer.text
        self.answers["done" if answer.status_code < 300 else "refused"] += 1
        return ok(answer, answer.status_code) if answer.status_code < 300 else None

    def tidy_up(self) -> bool:
        """Decides, ships and cancels what is open; whether every order has ended."""
        ids = [order["id"] for order in self.orders]
        found = dict(rows(self.saga.ordering, _STATUSES, ids=ids))
        for order_id in ids:
            if found[order_id] == "pending_confirmation":
                self.send(self.saga.staff, f"/orders/{order_id}/confirmation", accept_shortage=True)
            elif found[order_id] == "confirmed":
                self._deliver(order_id)
        return ENDED.issuperset(found.values())

    def _deliver(self, order_id: str) -> None:
        self.send(self.saga.clerk, "/shipments", order_id=order_id)
        for shipment in rows(self.saga.warehouse, _PLANNED, id=order_id):
            self.send(self.saga.clerk, f"/shipments/{shipment}/dispatch")
        self.send(self.saga.staff, f"/orders/{order_id}/cancellation", reason="Not needed")


def test_whatever_people_do_every_order_ends_and_the_books_are_right(saga: Saga, figure: Figure) -> None:
    seed = random.randrange(10**9)
    log.warning("seed %s", seed)
    chance = random.Random(seed)
    people = People(saga, chance)
    kills = set(chance.sample(range(COMMANDS // 5, COMMANDS), KILLS))
    for number in range(COMMANDS):
        people.act()
        if number in kills:
            worker = saga.workers[chance.choice(SERVICES)]
            worker.kill9()
            worker.start()
    eventually(people.tidy_up, 90, every=0.5)
    saga.wait_until_quiet(people.orders)
    saga.check_books(people.orders)
    ends = Counter(saga.read(order)["status"] for order in people.orders)
    figure(
        f"{COMMANDS} commands at random, {KILLS} kills",
        f"{len(people.orders)} orders: {', '.join(f'{many} {end}' for end, many in sorted(ends.items()))};"
        f" {people.answers['done']} commands done, {people.answers['refused']} refused; the books are right",
    )


_STATUSES = "SELECT id::text, status FROM orders WHERE id = ANY (CAST(:ids AS uuid[]))"
_PLANNED = "SELECT id::text FROM shipments WHERE order_id = CAST(:id AS uuid) AND status = 'planned'"
