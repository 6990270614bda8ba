"""The rows of promises: how they are read, locked and written, many at once."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import text

from warehouse.domain.promises import Balance, Reservation


def content(balance: Balance) -> tuple[Any, ...]:
    """What tells whether a balance has changed."""
    return (
        *(balance.on_hand, balance.reserved, balance.allocated, balance.safety_stock),
        *(balance.average_cost_minor, balance.version),
    )


def balances(changed: Iterable[Balance]) -> str:
    """Balances as their table holds them."""
    return as_json(
        {
            "id": one.id,
            "on_hand": one.on_hand,
            "reserved": one.reserved,
            "allocated": one.allocated,
            "safety_stock": one.safety_stock,
            "average_cost_minor": None if one.average_cost_minor is None else str(one.average_cost_minor),
            "currency": one.currency,
            "version": one.version,
        }
        for one in changed
    )


def orders(reservations: Iterable[Reservation]) -> str:
    """Orders as their table holds them."""
    names = (
        *("order_id", "order_number", "order_version", "state", "ended", "held", "ship_policy", "ship_to"),
        *("expires_at", "version"),
    )
    return as_json({name: getattr(one, name) for name in names} for one in reservations)


def lines(reservations: Iterable[Reservation]) -> str:
    """Their lines as their table holds them."""
    names = (
        *("position", "sku", "name", "quantity", "backorder_allowed", "backordered", "queue_position", "shipped"),
        *("promised_on", "preorder", "listing_id", "dates"),
    )
    return as_json(
        {"line_id": line.id, "order_id": order.order_id, "customer_id": order.customer_id}
        | {name: getattr(line, name) for name in names}
        for order in reservations
        for line in order.lines.values()
    )


def sources(reservations: Iterable[Reservation]) -> str:
    """What their lines have from each balance, as its table holds it."""
    names = ("warehouse_id", "reserved", "allocated", "shipped")
    return as_json(
        {"line_id": line.id, "balance_id": balance_id, "order_id": order.order_id, "customer_id": order.customer_id}
        | {name: getattr(source, name) for name in names}
        for order in reservations
        for line in order.lines.values()
        for balance_id, source in line.sources.items()
    )


def as_json(records: Iterable[Mapping[str, Any]]) -> str:
    """Rows as one parameter."""
    return orjson.dumps(list(records)).decode()


POSITIONS = text("SELECT nextval('queue_positions') FROM generate_series(1, 20)")
SKUS_OF_ORDERS = "SELECT DISTINCT sku FROM reservation_lines WHERE order_id = ANY (CAST(%(orders)s AS uuid[]))"
# Whose an order is: whoever it belongs to here, or else whoever the customer that is told is by now.
WHOSE = """
    SELECT r.order_id::text, COALESCE(o.customer_id, customer_now(r.customer_id))::text
    FROM json_to_recordset(CAST(%(rows)s AS json)) AS r(order_id uuid, customer_id uuid)
    LEFT JOIN order_reservations o ON o.order_id = r.order_id
    """
# A conflict whose update is refused still locks the row, so that one statement locks old and new ones in their order.
LOCK_SKUS = """
    INSERT INTO skus AS old (sku) SELECT sku FROM unnest(CAST(%(skus)s AS text[])) AS s(sku) ORDER BY sku
    ON CONFLICT (sku) DO UPDATE SET sku = old.sku WHERE false
    """
LOCK_ORDERS = """
    INSERT INTO order_reservations AS old
           (order_id, customer_id, order_version, state, version, created_at, updated_at)
    SELECT order_id, customer_id, 0, 'active', 0, %(now)s, %(now)s
    FROM json_to_recordset(CAST(%(rows)s AS json)) AS r(order_id uuid, customer_id uuid) ORDER BY order_id
    ON CONFLICT (order_id) DO UPDATE SET version = old.version WHERE false
    """
ORDERS = """
    SELECT order_id::text, customer_id::text, order_number, order_version, state, ended, held, ship_policy, ship_to,
           expires_at, version
    FROM order_reservations WHERE order_id = ANY (CAST(%(orders)s AS uuid[]))
    """
LINES = """
    SELECT line_id::text AS id, order_id::text, position, sku, name, quantity, backorder_allowed,
           promised_on::text, backordered, queue_position, shipped, preorder, listing_id::text, dates
    FROM reservation_lines WHERE order_id = ANY (CAST(%(orders)s AS uuid[]))
    """
SOURCES = """
    SELECT s.line_id::text, s.balance_id::text, s.warehouse_id::text, s.reserved, s.allocated, s.shipped,
           COALESCE((SELECT sum(l.quantity) FROM shipment_lines l
                     JOIN shipments p ON p.id = l.shipment_id AND p.status IN ('planned', 'picking', 'packed')
                     WHERE l.line_id = s.line_id AND l.balance_id = s.balance_id), 0)::bigint AS planned
    FROM reservation_sources s WHERE s.order_id = ANY (CAST(%(orders)s AS uuid[]))
    ORDER BY s.line_id, s.balance_id
    """
BALANCES = """
    SELECT b.id::text, b.warehouse_id::text, b.sku, b.owner_id::text, b.customer_id::text, b.on_hand, b.reserved,
           b.allocated, b.safety_stock, b.average_cost_minor, b.currency, b.version,
           w.status = 'active' AS open, w.priority, w.code
    FROM stock_balances b JOIN warehouses w ON w.id = b.warehouse_id
    WHERE b.sku = ANY (CAST(%(skus)s AS text[]))
      AND (b.customer_id IS NULL OR b.customer_id = ANY (CAST(%(customers)s AS uuid[])))
    """
SUPPLIES = """
    SELECT s.id::text, s.sku, s.expected_on::text, s.quantity, s.preorder_quantity, s.received, s.served,
           w.customer_id::text
    FROM inbound_supplies s JOIN warehouses w ON w.id = s.warehouse_id
    WHERE s.status = 'expected' AND s.sku = ANY (CAST(%(skus)s AS text[]))
    """
WAITS = """
    SELECT sku, sum(backordered)::bigint AS waiting,
           COALESCE(sum(backordered) FILTER (WHERE preorder), 0)::bigint AS preordered
    FROM reservation_lines WHERE backordered > 0 AND sku = ANY (CAST(%(skus)s AS text[])) GROUP BY sku
    """
ARTICLES = """
    SELECT id::text, lead_days, available_from::text
    FROM replica_items WHERE NOT gone AND sku = ANY (CAST(%(skus)s AS text[]))
    """
QUEUES = """
    SELECT DISTINCT order_id::text, customer_id::text
    FROM reservation_lines WHERE backordered > 0 AND sku = ANY (CAST(%(skus)s AS text[]))
    """
WAITED_FOR = """
    SELECT DISTINCT sku FROM reservation_lines WHERE backordered > 0 AND sku = ANY (CAST(%(skus)s AS text[]))
    """
ADD_DATES = """
    INSERT INTO promised_dates (line_id, number, order_id, customer_id, sku, before, after, cause, created_at)
    SELECT line_id, number, order_id, customer_id, sku, before, after, cause, %(now)s
    FROM json_populate_recordset(NULL::promised_dates, CAST(%(rows)s AS json))
    """
# Of each queue as much as there is for it, besides the orders that are here already; what a dedicated warehouse has
# free is for its customer's lines only.
WAITING = """
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
SAVE_BALANCES = """
    UPDATE stock_balances AS b
    SET on_hand = r.on_hand, reserved = r.reserved, allocated = r.allocated, safety_stock = r.safety_stock,
        average_cost_minor = r.average_cost_minor, currency = r.currency, version = r.version, updated_at = %(now)s
    FROM json_populate_recordset(NULL::stock_balances, CAST(%(rows)s AS json)) AS r WHERE b.id = r.id
    """
SAVE_ORDERS = """
    UPDATE order_reservations AS o
    SET order_number = r.order_number, order_version = r.order_version, state = r.state, ended = r.ended,
        held = r.held, ship_policy = r.ship_policy, ship_to = r.ship_to, expires_at = r.expires_at,
        version = r.version, updated_at = %(now)s
    FROM json_populate_recordset(NULL::order_reservations, CAST(%(rows)s AS json)) AS r
    WHERE o.order_id = r.order_id
    """
SAVE_LINES = """
    INSERT INTO reservation_lines AS old
    SELECT * FROM json_populate_recordset(NULL::reservation_lines, CAST(%(rows)s AS json))
    ON CONFLICT (line_id) DO UPDATE
    SET position = excluded.position, name = excluded.name, quantity = excluded.quantity,
        backorder_allowed = excluded.backorder_allowed, backordered = excluded.backordered,
        queue_position = excluded.queue_position, shipped = excluded.shipped, promised_on = excluded.promised_on,
        preorder = excluded.preorder, listing_id = excluded.listing_id, dates = excluded.dates
    """
SAVE_SOURCES = """
    INSERT INTO reservation_sources AS old
           (line_id, balance_id, order_id, customer_id, warehouse_id, reserved, allocated, shipped)
    SELECT line_id, balance_id, order_id, customer_id, warehouse_id, reserved, allocated, shipped
    FROM json_populate_recordset(NULL::reservation_sources, CAST(%(rows)s AS json))
    ON CONFLICT (line_id, balance_id) DO UPDATE
    SET reserved = excluded.reserved, allocated = excluded.allocated, shipped = excluded.shipped,
        at_risk = LEAST(old.at_risk, excluded.allocated)
    """
# What is allocated and not there is missing from the youngest orders first.
MARK_RISKS = """
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
