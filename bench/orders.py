"""Orders of customers' people over HTTP, and how long each takes until it is confirmed with its stock reserved.

An order is of three listings, and its customer's orders confirm themselves: ordering tells the warehouse, the warehouse
reserves and answers, and ordering confirms. Each step is a transaction with its event, between two worker processes.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from bench import load, servers, tokens
from bench.client import Connection
from bench.commits import Latencies, commit_times
from bench.draining import seconds_until
from bench.harness import Sample
from bench.pacing import paced
from bench.population import customers
from bench.processes import Meter
from bench.stack import Stack
from common.service import Service
from common.testing import deliver
from common.testing.events import event

CUSTOMERS, LISTINGS, LINES, QUANTITY = 100, 100, 3, 2
STOCK = 10_000_000
SERVICES = ("ordering", "warehouse")
_AT_ONCE = 1_000_000.0  # a rate that nobody keeps: each thread submits as soon as it has its answer
_PORTION = 100
_SWITCHES = {"order_authorization": "on", "inherit_global_marketplace": "on", "auto_confirm_orders": "on"}
_CONFIRMED = "SELECT count(*) FROM orders WHERE status = 'confirmed'"
# The key of a submission is written by its transaction and never touched again; so is the inbox's row of the answer by
# the transaction that confirms.
_SUBMITTED = "SELECT body::json ->> 'id', xmin FROM idempotency_keys"
_ANSWERED = "SELECT event_id::text, xmin FROM inbox"
_ANSWERS = "SELECT id::text, subject FROM outbox WHERE type = 'warehouse.reservation.made.v1' AND subject = ANY (%s)"
_PROMISED = """
    SELECT count(*) FROM order_reservations r
    WHERE order_id = ANY (CAST(%s AS uuid[])) AND state IN ('active', 'allocated') AND NOT EXISTS (
        SELECT 1 FROM reservation_lines l WHERE l.order_id = r.order_id AND l.quantity > (
            SELECT COALESCE(sum(s.reserved + s.allocated), 0) FROM reservation_sources s WHERE s.line_id = l.line_id))
    """


class Shop:
    """Both services with what there is to buy, running."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._ordering, self._warehouse = _services(stack)
        self._urls = {name: stack.database(name).admin_url for name in SERVICES}
        self._customers = [one.id for one in customers(CUSTOMERS)]
        self._tokens = {one: tokens.buyer(one) for one in self._customers}
        for service in (self._ordering, self._warehouse):
            deliver(service, [everybody_orders(), *(next(one.events()) for one in customers(CUSTOMERS))])
        self._listings = self._ordering.db.run(_offer)
        self._warehouse.db.run(_fill)
        self._made = 0
        self._api = stack.start("ordering", "api")
        self._workers = {name: stack.start(name, "worker") for name in SERVICES}

    def close(self) -> None:
        """Ends the connections of the preparation."""
        for service in (self._ordering, self._warehouse):
            service.db.dispose()

    def meter(self) -> Meter:
        """Of the API, both workers and PostgreSQL."""
        return servers.meter({"api": [self._api.pid], **{name: [one.pid] for name, one in self._workers.items()}})

    def at_once(self, count: int, threads: int = 8) -> Sample:
        """Orders per second from the first submission to the last confirmation, and CPU per order."""
        drafts = self._drafts(count)
        meter = self.meter()
        meter.start()
        started = time.perf_counter()
        self._submit(drafts, _AT_ONCE, threads)
        self._wait_until_confirmed()
        took = time.perf_counter() - started
        return Sample({"rate": count / took}, errors=self._broken(drafts), cpu_ms=meter.per_operation(count))

    def at_rate(self, per_second: float, seconds: float, threads: int = 8) -> Sample:
        """Orders at a fixed rate: from the commit of each submission to the commit of its confirmation."""
        drafts = self._drafts(round(per_second * seconds))
        meter = self.meter()
        meter.start()
        self._submit(drafts, per_second, threads)
        self._wait_until_confirmed()
        cpu = meter.per_operation(len(drafts))
        found = self._latencies([order_id for order_id, _ in drafts])
        values = {f"p{percent}": found.percentile(percent) for percent in (50, 95)}
        return Sample(values, errors=found.missing + self._broken(drafts), cpu_ms=cpu)

    def _drafts(self, count: int) -> list[tuple[str, str]]:
        """New orders as (id, customer), which the warehouse has heard of."""
        made: list[tuple[str, str]] = []
        while len(made) < count:
            portion = range(self._made, self._made + min(_PORTION, count - len(made)))
            made += self._ordering.db.run(lambda session, numbers=portion: self._begin(session, numbers))
            self._made += len(portion)
        told = "SELECT (NOT EXISTS (SELECT 1 FROM outbox WHERE sent_at IS NULL))::int"
        seconds_until(self._urls["ordering"], told, 1, self._stack.check)
        before = -1
        while (now := _one(self._urls["warehouse"], "SELECT count(*) FROM inbox")) != before:
            before = now
            time.sleep(1)
        return made

    def _begin(self, session: Any, numbers: Sequence[int]) -> list[tuple[str, str]]:
        from ordering.use_cases.orders import drafts

        made = []
        for number in numbers:
            customer_id = self._customers[number % CUSTOMERS]
            chosen = [self._listings[(number + step * 7) % LISTINGS] for step in range(LINES)]
            lines = [{"listing_id": listing_id, "quantity": QUANTITY} for listing_id in chosen]
            made.append((drafts.create(session, {"customer_id": customer_id, "lines": lines}), customer_id))
        return made

    def _submit(self, drafts: Sequence[tuple[str, str]], per_second: float, threads: int) -> None:
        paced(per_second, len(drafts) / per_second, threads, lambda: self._submitter(drafts))

    def _submitter(self, drafts: Sequence[tuple[str, str]]) -> Callable[[int], None]:
        connection = Connection(self._api.port)

        def submit(number: int) -> None:
            order_id, customer_id = drafts[number]
            request = load.prepared(
                "POST",
                f"/orders/{order_id}/submission",
                token=self._tokens[customer_id],
                body=b"{}",
                headers=[("Idempotency-Key", order_id)],
            )
            status, _, body = connection.send(request)
            if status != 200:
                raise RuntimeError(f"a submission was answered {status}: {body.decode()}")

        return submit

    def _wait_until_confirmed(self) -> None:
        seconds_until(self._urls["ordering"], _CONFIRMED, self._made, self._stack.check)

    def _latencies(self, order_ids: Sequence[str]) -> Latencies:
        submitted = commit_times(self._urls["ordering"], _SUBMITTED)
        answered = commit_times(self._urls["ordering"], _ANSWERED)
        with psycopg.connect(self._urls["warehouse"]) as connection:
            answers = dict(connection.execute(_ANSWERS, [list(order_ids)]).fetchall())
        found = [1000 * (answered[one] - submitted[order_id]) for one, order_id in answers.items() if one in answered]
        return Latencies(found, len(order_ids) - len(found))

    def _broken(self, drafts: Sequence[tuple[str, str]]) -> int:
        """How many of these orders have not all of their goods promised."""
        with psycopg.connect(self._urls["warehouse"]) as connection:
            row = connection.execute(_PROMISED, [[order_id for order_id, _ in drafts]]).fetchone()
        return len(drafts) - (int(row[0]) if row else 0)


def everybody_orders() -> Any:
    """The provider's decision that every customer sees the marketplace and orders there, without a second look."""
    data = {"scope": "platform", "scope_id": None, "values": _SWITCHES, "locks": [], "licence": None, "changes": []}
    return event("portal-settings.scope.changed.v1", "platform", data)


def _services(stack: Stack) -> tuple[Service, Service]:
    from ordering import bootstrap as ordering
    from ordering.settings import Settings as OrderingSettings
    from warehouse import bootstrap as warehouse
    from warehouse.settings import Settings as WarehouseSettings

    return (
        ordering.build(OrderingSettings.from_env(stack.environment("ordering"))),
        warehouse.build(WarehouseSettings.from_env(stack.environment("warehouse"))),
    )


def _offer(session: Any) -> list[str]:
    from ordering.use_cases import listings, prices

    offered = [
        {"sku": sku, "name": f"Article {sku}", "kind": "stock", "unit": "piece", "status": "published"}
        for sku in _skus()
    ]
    ids = [str(listing_id) for listing_id in listings.create_listings(session, offered)]
    standard = {"code": "STANDARD", "name": "Standard", "kind": "standard", "currency": "EUR"}
    list_id = prices.create_price_list(session, standard)
    of_each = [{"listing_id": listing_id, "min_quantity": 1, "amount": "12.30"} for listing_id in ids]
    prices.set_prices(session, list_id, of_each)
    return ids


def _fill(session: Any) -> None:
    from warehouse.use_cases import stock, warehouses

    warehouses.create_warehouse(session, {"code": "MAIN", "name": "Main warehouse"})
    stock.receive(session, {"warehouse": "MAIN", "lines": [{"sku": sku, "quantity": STOCK} for sku in _skus()]})


def _skus() -> list[str]:
    return [f"BENCH-{number:03}" for number in range(LISTINGS)]


def _one(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
