"""What orders are promised, on a real database: nothing twice, nothing lost, whatever the order of the news."""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common import inbox
from common.service import Service
from common.testing import deliver, published
from common.testing.figures import Figure
from warehouse.tests.told import Order
from warehouse.use_cases import promises

pytestmark = pytest.mark.postgres

Look = Callable[[str], Any]


def test_a_placed_order_reserves_softly_and_its_confirmation_allocates(
    receive: Any, tell: Any, promised: Look, stock: Look, sku: str, customer_id: str, service: Service
) -> None:
    receive(sku, 10)
    order = Order(customer_id, [(sku, 4)])
    tell(order.tell("placed"))
    assert promised(order.id)["state"] == "active"
    assert stock(sku) == (10, 4, 0)
    tell(order.tell("confirmed"))
    assert promised(order.id)["state"] == "allocated"
    assert stock(sku) == (10, 0, 4)
    verbs = [(one.type.split(".")[2], one.version) for one in published(service.db) if one.subject == order.id]
    assert verbs == [("made", 1), ("allocated", 2)]


@pytest.mark.parametrize("backorder", [True, False])
def test_of_200_parallel_buyers_of_the_last_50_exactly_50_win(
    service: Service,
    receive: Any,
    stock: Look,
    sku: str,
    customer_id: str,
    rows: Any,
    figure: Figure,
    *,
    backorder: bool,
) -> None:
    receive(sku, 50)
    orders = [Order(customer_id, [(sku, 1)], backorder=backorder) for _ in range(200)]
    news = [(order.tell("placed"), order.tell("confirmed")) for order in orders]
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda pair: deliver(service, pair), news))
    assert stock(sku) == (50, 0, 50)
    found = rows(
        "SELECT sum(s.allocated) AS won, l.backordered FROM reservation_lines l"
        " LEFT JOIN reservation_sources s USING (line_id) WHERE l.sku = :sku GROUP BY l.line_id, l.backordered",
        sku=sku,
    )
    won = [row for row in found if row["won"]]
    lost = [row for row in found if not row["won"]]
    assert (len(won), len(lost)) == (50, 150)
    assert {row["backordered"] for row in lost} == ({1} if backorder else {0})
    assert {row["backordered"] for row in won} == {0}
    answers = [
        one
        for one in published(service.db, "warehouse.reservation.allocated.v1")
        if one.subject in {o.id for o in orders}
    ]
    short = [one for one in answers if one.data["lines"][0]["short"]]
    assert len(short) == (0 if backorder else 150)
    figure("200 buyers of 50", f"{len(won)} won, {len(lost)} {'wait' if backorder else 'are short'}")


def test_stock_that_arrives_goes_to_who_waits_longest(
    receive: Any, tell: Any, promised: Look, stock: Look, sku: str, customer_id: str, other_id: str
) -> None:
    first = Order(customer_id, [(sku, 5)], backorder=True)
    second = Order(other_id, [(sku, 3)], backorder=True)
    tell(first.tell("placed"), second.tell("placed"), first.tell("confirmed"), second.tell("confirmed"))
    receive(sku, 6)
    assert [promised(order.id)["lines"][0]["backordered"] for order in (first, second)] == [0, 2]
    assert stock(sku) == (6, 0, 6)
    receive(sku, 4)
    assert [promised(order.id)["lines"][0]["allocated"] for order in (first, second)] == [5, 3]
    assert stock(sku) == (10, 0, 8)


def test_what_a_cancelled_order_frees_goes_to_who_waits(
    receive: Any, tell: Any, promised: Look, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    holder = Order(customer_id, [(sku, 5)])
    waiter = Order(customer_id, [(sku, 5)], backorder=True)
    tell(holder.tell("placed"), holder.tell("confirmed"), waiter.tell("placed"), waiter.tell("confirmed"))
    assert promised(waiter.id)["lines"][0]["backordered"] == 5
    tell(holder.tell("cancelling"))
    assert promised(holder.id)["state"] == "released"
    assert promised(waiter.id)["lines"][0]["allocated"] == 5


def test_who_waits_comes_before_who_asks_in_the_same_batch(
    service: Service, receive: Any, tell: Any, promised: Look, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    holder, newcomer = Order(customer_id, [(sku, 5)]), Order(customer_id, [(sku, 5)])
    waiter = Order(customer_id, [(sku, 5)], backorder=True)
    tell(holder.tell("placed"), holder.tell("confirmed"), waiter.tell("placed"), waiter.tell("confirmed"))
    batch = [holder.tell("cancelling"), newcomer.tell("placed")]
    inbox.apply(service, "warehouse", [(one, "interactive") for one in batch])
    assert promised(waiter.id)["lines"][0]["allocated"] == 5
    assert promised(newcomer.id)["lines"][0]["short"] == 5


def test_a_cancellation_that_overtakes_the_placing_leaves_nothing_reserved(
    receive: Any, tell: Any, promised: Look, stock: Look, sku: str, customer_id: str, service: Service
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 5)])
    placed, cancelled = order.tell("placed"), order.tell("cancelled")
    tell(cancelled, placed)
    assert promised(order.id)["state"] == "released"
    assert stock(sku) == (5, 0, 0)
    verbs = [one.type.split(".")[2] for one in published(service.db) if one.subject == order.id]
    assert verbs == ["released"]


def test_lines_of_one_article_count_as_one_demand(
    receive: Any, tell: Any, promised: Look, stock: Look, sku: str, customer_id: str
) -> None:
    receive(sku, 5)
    order = Order(customer_id, [(sku, 3), (sku, 3)])
    tell(order.tell("placed"))
    lines = promised(order.id)["lines"]
    assert [line["reserved"] for line in lines] == [3, 2]
    assert [line["short"] for line in lines] == [0, 1]
    assert stock(sku) == (5, 5, 0)


def test_batches_over_the_same_articles_never_wait_for_each_other_in_a_circle(
    service: Service, receive: Any, customer_id: str, sku: str, rows: Any
) -> None:
    skus = [f"{sku}-{number}" for number in range(6)]
    for each in skus:
        receive(each, 150)
    order_of = random.Random(4)
    orders = [Order(customer_id, [(each, 1) for each in order_of.sample(skus, 4)], backorder=True) for _ in range(240)]
    batches = [orders[at : at + 15] for at in range(0, 240, 15)]

    def live(batch: list[Order]) -> None:
        for verb in ("placed", "confirmed"):
            inbox.apply(service, "warehouse", [(order.tell(verb), "interactive") for order in batch])
        deliver(service, batch[0].tell("cancelling"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(live, batches))
    [stats] = rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert stats["deadlocks"] == 0
    assert rows("SELECT 1 FROM held") == []
    found = rows("SELECT sku, on_hand, reserved, allocated FROM stock_balances WHERE sku = ANY (:skus)", skus=skus)
    wanted = Counter(line["sku"] for batch in batches for order in batch[1:] for line in order.lines)
    assert {row["sku"]: row["allocated"] for row in found} == {each: min(150, wanted[each]) for each in skus}


def test_a_cancellation_while_the_reservation_is_in_flight_leaves_nothing(
    service: Service, receive: Any, stock: Look, promised: Look, sku: str, customer_id: str
) -> None:
    receive(sku, 40)
    orders = [Order(customer_id, [(sku, 2)]) for _ in range(20)]
    news = [(order.tell("placed"), order.tell("cancelled")) for order in orders]
    both = [one for at, pair in enumerate(news) for one in (pair if at % 2 else reversed(pair))]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: deliver(service, one), both))
    assert {promised(order.id)["state"] for order in orders} == {"released"}
    assert stock(sku) == (40, 0, 0)


def test_a_batch_of_fifty_orders_takes_as_many_statements_as_one_order(
    service: Service, receive: Any, customer_id: str, figure: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    skus = [f"BATCH-{number}" for number in range(20)]
    for each in skus:
        receive(each, 1_000_000)
    statements: list[str] = []
    send = promises.send

    def counted(session: Any, batch: Any, *more: Any) -> Any:
        statements.extend(sql for sql, _ in batch)
        return send(session, batch, *more)

    def reserve(count: int) -> int:
        orders = [Order(customer_id, [(skus[(i + j) % 20], 2) for j in range(3)]) for i in range(count)]
        statements.clear()
        inbox.apply(service, "warehouse", [(order.tell("placed"), "interactive") for order in orders])
        return len(statements)

    monkeypatch.setattr(promises, "send", counted)
    one = reserve(1)
    assert reserve(50) == one
    started = time.perf_counter()
    for _ in range(10):
        reserve(50)
    rate = 500 / (time.perf_counter() - started)
    figure("reservations of one worker in batches of 50", f"{rate:.0f} orders of 3 lines a second")
