"""Two hundred people buy the last fifty units at once: through ordering's API, the bus, the warehouse, and back."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from common.testing import Client, Figure, TestTokens, client_for, eventually

from .saga import Order, Saga, ok, rows

BUYERS, UNITS, COMPANIES, THREADS = 200, 50, 20, 16
BUYER = ("listings.view", "prices.view", "orders.view", "orders.place")

_AVAILABLE = "SELECT min(on_hand - reserved - allocated) FROM stock_balances WHERE sku = :sku"
_STATES = """
    SELECT o.status, o.reason, l.quantity_allocated, l.quantity_backordered FROM orders o
    JOIN order_lines l ON l.order_id = o.id WHERE l.sku = :sku
    """


@contextmanager
def watched(saga: Saga, sku: str) -> Iterator[list[int]]:
    """The lowest number of available units that was ever to be seen meanwhile, as the one item of a list."""
    lowest = [UNITS]
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            lowest[0] = min(lowest[0], *rows(saga.warehouse, _AVAILABLE, sku=sku))
            over.wait(0.002)

    thread = threading.Thread(target=look)
    thread.start()
    yield lowest
    over.set()
    thread.join()


def _is_decided(state: tuple[str, str | None, int, int]) -> bool:
    status, _, allocated, backordered = state
    return status == "rejected" or (status == "confirmed" and allocated + backordered > 0)


@pytest.mark.parametrize("policy", ["none", "unlimited"])
def test_of_200_buyers_of_the_last_50_exactly_50_win(
    saga: Saga, tokens: TestTokens, policy: str, figure: Figure
) -> None:
    one = saga.listing(UNITS, backorder_policy=policy)
    companies = [saga.company() for _ in range(COMPANIES)]
    buyers = [client_for(saga.ordering, tokens.portal({company: BUYER})) for company in companies]

    def begin(number: int) -> tuple[Client, Order]:
        company = number % COMPANIES
        body = {"customer_id": companies[company], "lines": [{"listing_id": one["id"], "quantity": 1}]}
        return buyers[company], ok(buyers[company].post("/orders", json=body), 201)

    def buy(pair: tuple[Client, Order]) -> None:
        buyer, order = pair
        ok(buyer.post(f"/orders/{order['id']}/submission", json={}))

    def decided() -> Counter[tuple[str, str | None, int, int]] | None:
        found = Counter(rows(saga.ordering, _STATES, sku=one["sku"]))
        return found if all(map(_is_decided, found)) else None

    with watched(saga, one["sku"]) as lowest, ThreadPoolExecutor(THREADS) as pool:
        pairs = list(pool.map(begin, range(BUYERS)))
        started = time.perf_counter()
        list(pool.map(buy, pairs))
        found = eventually(decided, 60, every=0.05)
        took = time.perf_counter() - started
    losers = ("rejected", "out_of_stock", 0, 0) if policy == "none" else ("confirmed", None, 0, 1)
    assert found == {("confirmed", None, 1, 0): UNITS, losers: BUYERS - UNITS}
    assert lowest == [0]
    assert saga.stock(one) == (UNITS, 0, UNITS)
    fate = "were refused" if policy == "none" else "wait"
    figure(
        f"{BUYERS} parallel buyers of the last {UNITS}",
        f"{UNITS} won, {BUYERS - UNITS} {fate}; available never below {lowest[0]}; all decided in {took:.1f} s",
    )
    orders = [order for _, order in pairs]
    saga.wait_until_quiet(orders)
    if policy == "none":
        _deliver(saga, orders)
        saga.check_books(orders)
    else:
        saga.check_books([])


def _deliver(saga: Saga, orders: list[Order]) -> None:
    won = [order for order in orders if saga.read(order)["status"] == "confirmed"]
    for order in won:
        saga.ship(order)
    for order in won:
        saga.wait(order, "completed")
    saga.wait_until_quiet(orders)
