"""Stock and what is promised of it, as one transaction changes them: read under locks, changed in memory by the
domain's rules, written back by one statement per table, whatever the number of orders.

The locks, always in this order: the articles' rows in `skus` by article, then the orders' rows by id. Whoever changes
stock, promises or the queue of an article holds its lock, so what was read stays true until the commit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from common import outbox, replicas
from common.pipeline import send
from common.records import moment
from customer_replica import effective_switches
from warehouse.domain.promises import ACTIVE, Balance, Line, Reservation, Source, Stock, fill
from warehouse.domain.supplies import Article, Supply
from warehouse.events.reservations import reservation as reservation_event
from warehouse.use_cases import promise_rows as rows
from warehouse.use_cases.dates import Days

SWITCH = "warehouse_enabled"


class Promises:
    """The orders and articles that a transaction holds locked."""

    def __init__(
        self,
        session: Session,
        *,
        orders: Mapping[str, str],
        skus: Iterable[str] = (),
        customers: Iterable[str] = (),
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """Locks and reads: `orders` are ids with the customer of each, and get a row where they have none; `skus` and
        `customers` come besides those of the orders. `prepare` runs between the articles' locks and the reading."""
        self.session = session
        self.now = moment(session)
        self.stock = Stock()
        self.reservations: dict[str, Reservation] = {}
        self.touched: set[str] = set()
        self.days = Days(session)
        self._dedicated: dict[str, bool] = {}
        self._was: dict[str, tuple[Any, ...]] = {}
        self._skus: set[str] = set()
        known: list[Any] = []
        if orders:
            shells = rows.as_json({"order_id": one, "customer_id": customer} for one, customer in orders.items())
            known, whose_now = send(
                session, [(rows.SKUS_OF_ORDERS, {"orders": list(orders)}), (rows.WHOSE, {"rows": shells})]
            )
            orders = dict(whose_now)
        self._lock({*skus, *(row[0] for row in known)})
        if prepare is not None:
            prepare()
        self._read_inbound(self._skus)
        self._read_orders(orders)
        whose = {*customers, *orders.values()}
        self._read_stock(self._skus, whose)
        # An order may have got lines of other articles since its articles were asked for.
        more = {line.sku for one in self.reservations.values() for line in one.lines.values()} - self._skus
        if more:
            self._lock(more)
            self._read_inbound(more)
            self._read_stock(more, whose)

    def tell(self, verb: str, reservation: Reservation) -> None:
        """Publishes what an order is promised now, as its next version, after the days that are others now."""
        self.days.tell(reservation)
        reservation.version += 1
        self.touched.add(reservation.order_id)
        outbox.add(self.session, reservation_event(verb, reservation))

    def positions(self) -> Iterator[int]:
        """Places at the end of the queue. Taken under the articles' locks, so they grow with the time of waiting."""
        while True:
            yield from self.session.execute(rows.POSITIONS).scalars().all()

    def dedicated(self, customer_ids: Iterable[str]) -> Mapping[str, bool]:
        """Whether each of these customers is served from its own warehouse. Asks for the switches only of those that
        have goods there."""
        have = {balance.customer_id for balance in self.stock.balances.values() if balance.customer_id}
        asked = sorted({one for one in customer_ids if one in have and one not in self._dedicated})
        if asked:
            replicas.flush(self.session)
            switches = effective_switches(self.session, asked)
            self._dedicated |= {one: one in switches and switches[one][SWITCH].active for one in asked}
        return self._dedicated

    def serve_waiting(self) -> int:
        """Gives what has become available to those that wait for it; returns how many orders got something."""
        free = [
            balance for sku in self.stock.freed for balance in self.stock.of(sku) if balance.open and balance.available
        ]
        self.stock.freed.clear()
        if not free:
            return 0
        there = rows.as_json({"sku": one.sku, "customer_id": one.customer_id, "free": one.available} for one in free)
        found = send(self.session, [(rows.WAITING, {"free": there, "here": list(self.reservations)})])[0]
        self._read_orders({row[0]: row[1] for row in found})
        customers = {one.customer_id for one in self.reservations.values()}
        skus = {one.sku for one in free}
        self._read_stock(skus, customers)
        waiting = [
            (one, line)
            for one in self.reservations.values()
            for line in one.lines.values()
            if line.backordered and line.sku in skus
        ]
        served = fill(waiting, self.stock, self.dedicated(customers))
        self._tell_all(served)
        return len(served)

    def read_queues(self, skus: Iterable[str]) -> None:
        """Locks and reads all that waits for these articles. Who dates anew after it has served what waits does this
        first, so that it locks its orders in one order."""
        asked = sorted(skus)
        found = send(self.session, [(rows.QUEUES, {"skus": asked})])[0] if asked else []
        self._read_orders({row[0]: row[1] for row in found if row[0] not in self.reservations})

    def date_anew(self, skus: Iterable[str]) -> None:
        """Dates what waits for these articles by what is expected now: the queue from its head gets the supplies by
        their days. Tells the orders of which a day has changed."""
        asked = sorted(skus)
        self.read_queues(asked)
        today = self.now.date().isoformat()
        moved: set[str] = set()
        for sku in asked:
            moved |= self.days.anew(sku, self.reservations.values(), self.stock.inbound, today)
        self._tell_all(moved)

    def _tell_all(self, orders: set[str]) -> None:
        """Tells of orders that got something, or whose days have changed."""
        for order_id in sorted(orders):
            order = self.reservations[order_id]
            self.tell("made" if order.state == ACTIVE else "allocated", order)

    def save(self) -> None:
        """Writes back what has changed."""
        changed = [one for one in self.stock.balances.values() if self._was[one.id] != rows.content(one)]
        orders = [self.reservations[order_id] for order_id in sorted(self.touched)]
        statements: list[tuple[str, Mapping[str, Any]]] = []
        if changed:
            statements.append((rows.SAVE_BALANCES, {"rows": rows.balances(changed), "now": self.now}))
        if orders:
            statements += [
                (rows.SAVE_ORDERS, {"rows": rows.orders(orders), "now": self.now}),
                (rows.SAVE_LINES, {"rows": rows.lines(orders)}),
                (rows.SAVE_SOURCES, {"rows": rows.sources(orders)}),
            ]
        risky = [
            one.id for one in changed if one.allocated > one.on_hand or self._was[one.id][2] > self._was[one.id][0]
        ]
        if self.days.rows:
            statements.append((rows.ADD_DATES, {"rows": rows.as_json(self.days.rows), "now": self.now}))
        if risky:
            statements.append((rows.MARK_RISKS, {"balances": risky}))
        if statements:
            send(self.session, statements)
        for one in changed:
            self._was[one.id] = rows.content(one)
        self.days.rows.clear()

    def _lock(self, skus: set[str]) -> None:
        self._skus |= skus
        if skus:
            send(self.session, [(rows.LOCK_SKUS, {"skus": sorted(skus)})])

    def _read_orders(self, orders: Mapping[str, str]) -> None:
        if not orders:
            return
        these = {"orders": list(orders)}
        shells = rows.as_json({"order_id": one, "customer_id": customer_id} for one, customer_id in orders.items())
        _, found, lines, sources = send(
            self.session,
            [
                (rows.LOCK_ORDERS, {"rows": shells, "now": self.now}),
                (rows.ORDERS, these),
                (rows.LINES, these),
                (rows.SOURCES, these),
            ],
            dict_row,
        )
        of_lines: dict[str, dict[str, Source]] = {}
        for row in sources:
            line_id, balance_id = row.pop("line_id"), row.pop("balance_id")
            of_lines.setdefault(line_id, {})[balance_id] = Source(**row)
        for row in found:
            self.reservations[row["order_id"]] = Reservation(**row)
        for row in lines:
            order = self.reservations[row.pop("order_id")]
            line = order.lines[row["id"]] = Line(**row, sources=of_lines.get(row["id"], {}))
            self.days.know(line)

    def _read_inbound(self, skus: set[str]) -> None:
        """What is expected of articles and what waits for them, before anything of it is changed here."""
        if not skus:
            return
        replicas.flush(self.session)
        these, inbound = {"skus": sorted(skus)}, self.stock.inbound
        supplies, waits, articles = send(
            self.session, [(rows.SUPPLIES, these), (rows.WAITS, these), (rows.ARTICLES, these)], dict_row
        )
        for row in supplies:
            inbound.add(Supply(**row))
        for row in waits:
            inbound.waiting[row["sku"]], inbound.preordered[row["sku"]] = row["waiting"], row["preordered"]
        for row in articles:
            inbound.articles[row["id"]] = Article(row["lead_days"], row["available_from"])

    def _read_stock(self, skus: Iterable[str], customers: Iterable[str]) -> None:
        values = {"skus": sorted(skus), "customers": sorted(customers)}
        for row in send(self.session, [(rows.BALANCES, values)], dict_row)[0] if values["skus"] else ():
            rank = (row.pop("priority"), row.pop("code"))
            balance = Balance(**row, rank=rank)
            self.stock.add(balance)
            self._was.setdefault(balance.id, rows.content(balance))
