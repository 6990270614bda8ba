"""A worker or the broker is killed at any step of orders: each of them ends, and no stock is lost or left reserved."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from common.bus.rabbitmq import RabbitMQ
from common.testing import Figure, TestDatabase, TestTokens, eventually
from support.rabbitmq import Node

from .saga import ENDED, SERVICES, Order, Saga, ok, rows

pytestmark = pytest.mark.faults

VICTIMS = (*SERVICES, "broker")
STEPS = ("placed", "reserved", "confirmed", "allocated", "dispatched", "cancelling")
# Exactly where a worker may die: between a transaction's work and its commit, and between a commit or a publication and
# what notes it.
POINTS = ("relay.selected", "relay.published", "inbox.handled", "inbox.committed")
UNITS, WAITING = 2, 4
MAIN_ORDERS = 6


@dataclass
class Stage:
    """The two services, a broker of their own, and what became of all orders so far."""

    saga: Saga
    node: Node
    kills: int = 0
    orders: list[Order] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    def kill(self, victim: str) -> None:
        if victim == "broker":
            self.node.kill9()
        else:
            self.saga.workers[victim].kill9()
        self.kills += 1

    def start(self, victim: str) -> None:
        if victim == "broker":
            self.node.start()
        else:
            self.saga.workers[victim].start()


class Batch:
    """Orders of three customers: of goods of which there are exactly enough, one of goods that are short, and one that
    waits for more."""

    def __init__(self, saga: Saga, *, auto_confirm: bool) -> None:
        self.saga = saga
        customers = [saga.company(auto_confirm=auto_confirm) for _ in range(3)]
        enough, other = saga.listing(MAIN_ORDERS * UNITS), saga.listing(MAIN_ORDERS)
        self.main = [saga.draft(customers[number % 3], (enough, UNITS), (other, 1)) for number in range(MAIN_ORDERS)]
        self.short = saga.draft(customers[0], (saga.listing(3), 5))
        self.late = saga.listing(1, backorder_policy="unlimited")
        self.waiting = saga.draft(customers[1], (self.late, WAITING))
        self._arrived = False

    @property
    def orders(self) -> list[Order]:
        return [*self.main, self.short, self.waiting]

    def each(self, command: Callable[[Order], Any], orders: Sequence[Order]) -> None:
        for order in orders:
            command(order)

    def lead_to_the_end(self, seconds: float = 60) -> None:
        """Does what people do, until every order has ended: confirms, declines, receives, ships."""
        eventually(self._all_ended, seconds, every=0.1)

    def _all_ended(self) -> bool:
        found = dict(rows(self.saga.ordering, _STATUSES, ids=[order["id"] for order in self.orders]))
        for order in [self.saga.read(order) for order in self.orders if found[order["id"]] not in ENDED]:
            if order["status"] == "pending_confirmation" and not order["settings_snapshot"]["auto_confirm"]:
                self._decide(order)
            elif order["status"] == "confirmed":
                self._deliver(order)
        return ENDED.issuperset(found.values())

    def _decide(self, order: Order) -> None:
        answer = self.saga.staff.post(f"/orders/{order['id']}/confirmation", json={})
        if answer.status_code == 409 and answer.json["code"] == "ordering.out_of_stock":
            ok(self.saga.staff.post(f"/orders/{order['id']}/decline", json={"reason": "out_of_stock"}))
        elif answer.status_code == 409:
            assert answer.json["code"] == "ordering.availability_unknown", answer.json
        else:
            ok(answer)

    def _deliver(self, order: Order) -> None:
        if order["lines"][0]["quantity_backordered"] and not self._arrived:
            self._arrived = True
            self.saga.receive(self.late["sku"], WAITING - 1)
        elif order["allocation_status"] == "full":
            answer = self.saga.clerk.post("/shipments", json={"order_id": order["id"]})
            # What it has shipped already may not have reached ordering yet.
            if answer.status_code != 409:
                self.saga.dispatch(ok(answer, 201))


@pytest.fixture(scope="module")
def stage(
    service_database: Callable[[str], TestDatabase],
    tokens: TestTokens,
    rabbitmq_node: Node,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    saga = Saga(service_database, tokens, rabbitmq_node.url, tmp_path_factory.mktemp("saga"))
    saga.start()
    yield Stage(saga, rabbitmq_node)
    saga.close()


def check(stage: Stage, batch: Batch, main: str) -> None:
    """Everybody's orders have ended as they should, and nothing is left over anywhere."""
    batch.lead_to_the_end()
    stage.saga.wait_until_quiet(batch.orders)
    ends = [stage.saga.read(order)["status"] for order in batch.orders]
    assert ends == [main] * MAIN_ORDERS + ["rejected", "completed"]
    stage.orders += batch.orders
    stage.ends.update(ends)
    stage.saga.check_books(stage.orders)
    transport = RabbitMQ(stage.node.url)
    assert [transport.dead_count(name) for name in SERVICES] == [0, 0]
    transport.close()


def lead_to(step: str, batch: Batch) -> None:
    """Brings the orders to right before a step."""
    saga = batch.saga
    if step in {"placed", "reserved"}:
        return
    batch.each(saga.submit, batch.orders)
    if step in {"confirmed", "allocated"}:
        for order in batch.main:
            saga.wait(order, "pending_confirmation", reserved=UNITS)
        return
    for order in batch.main:
        saga.wait(order, "confirmed", allocated=UNITS)


def seen(saga: Saga, batch: Batch, *states: str) -> bool:
    """Whether the warehouse has promised anything in such a way, of which ordering may not have heard."""
    ids = [order["id"] for order in batch.main]
    found = "SELECT 1 FROM order_reservations WHERE state = ANY (:states) AND order_id = ANY (CAST(:ids AS uuid[]))"
    return bool(rows(saga.warehouse, found, states=list(states), ids=ids))


def take(step: str, batch: Batch, die: Callable[[], None]) -> None:
    """Takes a step with every order, and `die` happens in the middle of it."""
    saga = batch.saga
    command = {"reserved": saga.submit, "placed": saga.submit, "dispatched": saga.ship, "cancelling": saga.cancel}
    orders = batch.orders if step in {"placed", "reserved"} else batch.main
    do = command.get(step, saga.confirm)
    if step in {"reserved", "allocated"}:
        batch.each(do, orders)
        # Right after the warehouse's transaction, whose event is on its way at best.
        states = {"reserved": ("active", "allocated"), "allocated": ("allocated",)}[step]
        eventually(lambda: seen(saga, batch, *states), every=0.002)
        die()
    else:
        half = len(orders) // 2
        batch.each(do, orders[:half])
        die()
        batch.each(do, orders[half:])


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_in_the_middle_of_a_step(stage: Stage, victim: str, step: str) -> None:
    batch = Batch(stage.saga, auto_confirm=step not in {"confirmed", "allocated"})
    lead_to(step, batch)
    take(step, batch, lambda: stage.kill(victim))
    stage.start(victim)
    check(stage, batch, "cancelled" if step == "cancelling" else "completed")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("victim", SERVICES)
def test_a_worker_that_dies_between_its_work_and_the_note_of_it(stage: Stage, victim: str, point: str) -> None:
    worker = stage.saga.workers[victim]
    assert worker.stop() == 0
    batch = Batch(stage.saga, auto_confirm=True)
    batch.each(stage.saga.submit, batch.orders)
    worker.start(crash_at=f"{point}:1")
    worker.wait_for_crash()
    stage.kills += 1
    worker.start()
    check(stage, batch, "completed")


def test_an_api_that_dies_while_people_submit_submits_each_order_once(stage: Stage) -> None:
    saga = stage.saga
    batch = Batch(saga, auto_confirm=True)
    ids = [order["id"] for order in batch.orders]

    def submit(order: Order) -> None:
        """As a client that gets no answer does: the same again, with the same key."""
        headers = {"Authorization": f"Bearer {saga.token}", "Idempotency-Key": order["id"]}

        def answer() -> requests.Response | None:
            try:
                return requests.post(
                    f"{saga.url}/orders/{order['id']}/submission", json={}, headers=headers, timeout=10
                )
            except requests.RequestException:
                return None

        assert eventually(answer, 60, every=0.1).status_code == 200

    saga.api.start()
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(submit, order) for order in batch.orders]
        for many in (1, len(ids) // 2):
            eventually(lambda many=many: len(rows(saga.ordering, _PLACED, ids=ids)) >= many, 60, every=0.002)
            saga.api.kill9()
            stage.kills += 1
            saga.api.start()
    for one in answers:
        one.result()
    check(stage, batch, "completed")
    assert sorted(rows(saga.ordering, _PLACED, ids=ids)) == sorted(ids)


def test_everything_killed_at_once_again_and_again(stage: Stage, figure: Figure) -> None:
    batch = Batch(stage.saga, auto_confirm=True)
    half = len(batch.orders) // 2
    for orders in (batch.orders[:half], batch.orders[half:]):
        batch.each(stage.saga.submit, orders)
        eventually(lambda: seen(stage.saga, batch, "active", "allocated"), every=0.002)
        for victim in VICTIMS:
            stage.kill(victim)
        for victim in VICTIMS:
            stage.start(victim)
    check(stage, batch, "completed")
    [(received, on_hand)] = rows(stage.saga.warehouse, _STOCK)
    ends = ", ".join(f"{many} {end}" for end, many in sorted(stage.ends.items()))
    figure(
        f"after {stage.kills} kills of workers, API and broker",
        f"{len(stage.orders)} orders: {ends}; {received} units received, {on_hand} on hand,"
        f" {received - on_hand} shipped; 0 orphans, 0 drift, 0 held, 0 dead",
    )


_PLACED = "SELECT subject FROM outbox WHERE type = 'ordering.order.placed.v1' AND subject = ANY (:ids)"
_STATUSES = "SELECT id::text, status FROM orders WHERE id = ANY (CAST(:ids AS uuid[]))"
_STOCK = """
    SELECT (SELECT sum(quantity)::int FROM stock_movements WHERE kind = 'receipt'), sum(on_hand)::int
    FROM stock_balances
    """
