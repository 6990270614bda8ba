"""Stock and what is promised of it, as one transaction changes them: read under locks, changed in memory by the
domain's rules, written back by one statement per table, whatever the number of orders.

The locks, always in this order: the articles' rows in `skus` by article, then the orders' rows by id. Whoever changes
stock, promises or the queue of an article holds its lock, so what was read stays true until the commit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from psycopg.rows import dict_row
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox, replicas
from common.outbox import Publisher
from common.pipeline import send
from customer_replica import effective_switches
from warehouse.domain.promises import Balance, Line, Reservation, Source, Stock, fill
from warehouse.events.reservations import reservation as reservation_event

SWITCH = "warehouse_enabled"


def moment(session: Session) -> datetime:
    """The time that rows and events of this transaction carry."""
    publisher: Publisher = session.info["publisher"]
    return publisher.clock.now()


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
        self._dedicated: dict[str, bool] = {}
        self._was: dict[str, tuple[Any, ...]] = {}
        self._skus: set[str] = set()
        known = send(session, [(_SKUS_OF_ORDERS, {"orders": list(orders)})])[0] if orders else []
        self._lock({*skus, *(row[0] for row in known)})
        if prepare is not None:
            prepare()
        self._read_orders(orders)
        whose = {*customers, *orders.values()}
        self._read_stock(self._skus, whose)
        # An order may have got lines of other articles since its articles were asked for.
        more = {line.sku for one in self.reservations.values() for line in one.lines.values()} - self._skus
        if more:
            self._lock(more)
            self._read_stock(more, whose)

    def tell(self, verb: str, reservation: Reservation) -> None:
        """Publishes what an order is promised now, as its next version."""
        reservation.version += 1
        self.touched.add(reservation.order_id)
        outbox.add(self.session, reservation_event(verb, reservation))

    def positions(self) -> Iterator[int]:
        """Places at the end of the queue. Taken under the articles' locks, so they grow with the time of waiting."""
        while True:
            yield from self.session.execute(_POSITIONS).scalars().all()

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
        rows = [{"sku": one.sku, "customer_id": one.customer_id, "free": one.available} for one in free]
        found = send(self.session, [(_WAITING, {"free": _json(rows), "here": list(self.reservations)})])[0]
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
        for order_id in sorted(served):
            self.tell("allocated", self.reservations[order_id])
        return len(served)

    def save(self) -> None:
        """Writes back what has changed."""
        changed = [one for one in self.stock.balances.values() if self._was[one.id] != _content(one)]
        orders = [self.reservations[order_id] for order_id in sorted(self.touched)]
        statements: list[tuple[str, Mapping[str, Any]]] = []
        if changed:
            statements.append(
                (_SAVE_BALANCES, {"rows": _json([_balance_row(one) for one in changed]), "now": self.now})
            )
        if orders:
            lines = [(order, line) for order in orders for line in order.lines.values()]
            statements += [
                (_SAVE_ORDERS, {"rows": _json([_order_row(one) for one in orders]), "now": self.now}),
                (_SAVE_LINES, {"rows": _json([_line_row(order, line) for order, line in lines])}),
                (_SAVE_SOURCES, {"rows": _json([row for order, line in lines for row in _source_rows(order, line)])}),
            ]
        risky = [
            one.id for one in changed if one.allocated > one.on_hand or self._was[one.id][2] > self._was[one.id][0]
        ]
        if risky:
            statements.append((_MARK_RISKS, {"balances": risky}))
        if statements:
            send(self.session, statements)
        for one in changed:
            self._was[one.id] = _content(one)

    def _lock(self, skus: set[str]) -> None:
        self._skus |= skus
        if skus:
            send(self.session, [(_LOCK_SKUS, {"skus": sorted(skus)})])

    def _read_orders(self, orders: Mapping[str, str]) -> None:
        if not orders:
            return
        these = {"orders": list(orders)}
        rows = [{"order_id": order_id, "customer_id": customer_id} for order_id, customer_id in orders.items()]
        _, found, lines, sources = send(
            self.session,
            [
                (_LOCK_ORDERS, {"rows": _json(rows), "now": self.now}),
                (_ORDERS, these),
                (_LINES, these),
                (_SOURCES, these),
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
            order.lines[row["id"]] = Line(**row, sources=of_lines.get(row["id"], {}))

    def _read_stock(self, skus: Iterable[str], customers: Iterable[str]) -> None:
        values = {"skus": sorted(skus), "customers": sorted(customers)}
        for row in send(self.session, [(_BALANCES, values)], dict_row)[0] if values["skus"] else ():
            rank = (row.pop("priority"), row.pop("code"))
            balance = Balance(**row, rank=rank)
            self.stock.add(balance)
            self._was.setdefault(balance.id, _content(balance))


def _content(balance: Balance) -> tuple[Any, ...]:
    return (balance.on_hand, balance.reserved, balance.allocated, balance.average_cost_minor, balance.version)


def _balance_row(balance: Balance) -> Mapping[str, Any]:
    average = balance.average_cost_minor
    return {
        "id": balance.id,
        "on_hand": balance.on_hand,
        "reserved": balance.reserved,
        "allocated": balance.allocated,
        "average_cost_minor": None if average is None else str(average),
        "currency": balance.currency,
        "version": balance.version,
    }


def _order_row(one: Reservation) -> Mapping[str, Any]:
    return {
        "order_id": one.order_id,
        "order_number": one.order_number,
        "order_version": one.order_version,
        "state": one.state,
        "ended": one.ended,
        "held": one.held,
        "ship_policy": one.ship_policy,
        "ship_to": one.ship_to,
        "expires_at": one.expires_at,
        "version": one.version,
    }


def _line_row(order: Reservation, line: Line) -> Mapping[str, Any]:
    return {
        "line_id": line.id,
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "position": line.position,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "backorder_allowed": line.backorder_allowed,
        "backordered": line.backordered,
        "queue_position": line.queue_position,
        "shipped": line.shipped,
        "promised_on": line.promised_on,
    }


def _source_rows(order: Reservation, line: Line) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "line_id": line.id,
            "balance_id": balance_id,
            "order_id": order.order_id,
            "customer_id": order.customer_id,
            "warehouse_id": source.warehouse_id,
            "reserved": source.reserved,
            "allocated": source.allocated,
            "shipped": source.shipped,
        }
        for balance_id, source in line.sources.items()
    ]


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


_POSITIONS = text("SELECT nextval('queue_positions') FROM generate_series(1, 20)")
_SKUS_OF_ORDERS = "SELECT DISTINCT sku FROM reservation_lines WHERE order_id = ANY (CAST(%(orders)s AS uuid[]))"
# A conflict whose update is refused still locks the row, so that one statement locks old and new ones in their order.
_LOCK_SKUS = """
    INSERT INTO skus AS old (sku) SELECT sku FROM unnest(CAST(%(skus)s AS text[])) AS s(sku) ORDER BY sku
    ON CONFLICT (sku) DO UPDATE SET sku = old.sku WHERE false
    """
_LOCK_ORDERS = """
    INSERT INTO order_reservations AS old
           (order_id, customer_id, order_version, state, version, created_at, updated_at)
    SELECT order_id, customer_id, 0, 'active', 0, %(now)s, %(now)s
    FROM json_to_recordset(CAST(%(rows)s AS json)) AS r(order_id uuid, customer_id uuid) ORDER BY order_id
    ON CONFLICT (order_id) DO UPDATE SET version = old.version WHERE false
    """
_ORDERS = """
    SELECT order_id::text, customer_id::text, order_number, order_version, state, ended, held, ship_policy, ship_to,
           expires_at, version
    FROM order_reservations WHERE order_id = ANY (CAST(%(orders)s AS uuid[]))
    """
_LINES = """
    SELECT line_id::text AS id, order_id::text, position, sku, name, quantity, backorder_allowed,
           promised_on::text, backordered, queue_position, shipped
    FROM reservation_lines WHERE order_id = ANY (CAST(%(orders)s AS uuid[]))
    """
_SOURCES = """
    SELECT s.line_id::text, s.balance_id::text, s.warehouse_id::text, s.reserved, s.allocated, s.shipped,
           COALESCE((SELECT sum(l.quantity) FROM shipment_lines l
                     JOIN shipments p ON p.id = l.shipment_id AND p.status = 'planned'
                     WHERE l.line_id = s.line_id AND l.balance_id = s.balance_id), 0)::bigint AS planned
    FROM reservation_sources s WHERE s.order_id = ANY (CAST(%(orders)s AS uuid[]))
    ORDER BY s.line_id, s.balance_id
    """
_BALANCES = """
    SELECT b.id::text, b.warehouse_id::text, b.sku, b.owner_id::text, b.customer_id::text, b.on_hand, b.reserved,
           b.allocated, b.safety_stock, b.average_cost_minor, b.currency, b.version,
           w.status = 'active' AS open, w.priority, w.code
    FROM stock_balances b JOIN warehouses w ON w.id = b.warehouse_id
    WHERE b.sku = ANY (CAST(%(skus)s AS text[]))
      AND (b.customer_id IS NULL OR b.customer_id = ANY (CAST(%(customers)s AS uuid[])))
    """
# Of each queue as much as there is for it, besides the orders that are here already; what a dedicated warehouse has
# free is for its customer's lines only.
_WAITING = """
    SELECT DISTINCT w.order_id::text, w.customer_id::text
    FROM (SELECT sku, customer_id, sum(free) AS free
          FROM json_to_recordset(CAST(%(free)s AS json)) AS r(sku text, customer_id uuid, free bigint)
          GROUP BY sku, customer_id) f,
         LATERAL (SELECT l.order_id, l.customer_id,
                         sum(l.backordered) OVER (ORDER BY l.queue_position) - l.backordered AS before
                  FROM reservation_lines l
                  WHERE l.sku = f.sku AND l.backordered > 0 AND l.order_id <> ALL (CAST(%(here)s AS uuid[]))
                    AND (f.customer_id IS NULL OR l.customer_id = f.customer_id)) w
    WHERE w.before < f.free
    """
_SAVE_BALANCES = """
    UPDATE stock_balances AS b
    SET on_hand = r.on_hand, reserved = r.reserved, allocated = r.allocated,
        average_cost_minor = r.average_cost_minor, currency = r.currency, version = r.version, updated_at = %(now)s
    FROM json_populate_recordset(NULL::stock_balances, CAST(%(rows)s AS json)) AS r WHERE b.id = r.id
    """
_SAVE_ORDERS = """
    UPDATE order_reservations AS o
    SET order_number = r.order_number, order_version = r.order_version, state = r.state, ended = r.ended,
        held = r.held, ship_policy = r.ship_policy, ship_to = r.ship_to, expires_at = r.expires_at,
        version = r.version, updated_at = %(now)s
    FROM json_populate_recordset(NULL::order_reservations, CAST(%(rows)s AS json)) AS r
    WHERE o.order_id = r.order_id
    """
_SAVE_LINES = """
    INSERT INTO reservation_lines AS old
    SELECT * FROM json_populate_recordset(NULL::reservation_lines, CAST(%(rows)s AS json))
    ON CONFLICT (line_id) DO UPDATE
    SET position = excluded.position, name = excluded.name, quantity = excluded.quantity,
        backorder_allowed = excluded.backorder_allowed, backordered = excluded.backordered,
        queue_position = excluded.queue_position, shipped = excluded.shipped, promised_on = excluded.promised_on
    """
_SAVE_SOURCES = """
    INSERT INTO reservation_sources AS old
           (line_id, balance_id, order_id, customer_id, warehouse_id, reserved, allocated, shipped)
    SELECT line_id, balance_id, order_id, customer_id, warehouse_id, reserved, allocated, shipped
    FROM json_populate_recordset(NULL::reservation_sources, CAST(%(rows)s AS json))
    ON CONFLICT (line_id, balance_id) DO UPDATE
    SET reserved = excluded.reserved, allocated = excluded.allocated, shipped = excluded.shipped,
        at_risk = LEAST(old.at_risk, excluded.allocated)
    """
# What is allocated and not there is missing from the youngest orders first.
_MARK_RISKS = """
    UPDATE reservation_sources AS s SET at_risk = r.at_risk
    FROM (SELECT s.line_id, s.balance_id,
                 GREATEST(0, LEAST(s.allocated, b.allocated - b.on_hand
                                                - (sum(s.allocated) OVER youngest - s.allocated))) AS at_risk
          FROM reservation_sources s
          JOIN stock_balances b ON b.id = s.balance_id
          JOIN order_reservations o ON o.order_id = s.order_id
          WHERE s.balance_id = ANY (CAST(%(balances)s AS uuid[])) AND s.allocated > 0
          WINDOW youngest AS (PARTITION BY s.balance_id ORDER BY o.created_at DESC, s.order_id DESC, s.line_id DESC)) r
    WHERE s.line_id = r.line_id AND s.balance_id = r.balance_id AND s.at_risk <> r.at_risk
    """
