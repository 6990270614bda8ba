"""Shipments of what is allocated: planned, picked, packed, dispatched, delivered, or cancelled before they left; and
what went wrong on their way."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from common.pipeline import send
from warehouse.domain.orders import state_of
from warehouse.domain.promises import Balance, Line
from warehouse.domain.shipments import (
    DELIVERED,
    EXCEPTION,
    HERE,
    PACKED,
    PICKING,
    PLANNED,
    SHIPPED,
    check,
    check_sendable,
    chosen,
    everything,
    only_warehouse,
)
from warehouse.domain.stock import cost_minor
from warehouse.errors.shipments import (
    NothingToShip,
    OrderHeld,
    OrderUnknown,
    ShipmentNotFound,
    StockMissing,
)
from warehouse.events.shipments import ShipmentVerb
from warehouse.events.shipments import shipment as shipment_event
from warehouse.use_cases import serials
from warehouse.use_cases.assets import shipments as assets
from warehouse.use_cases.promises import Promises
from warehouse.use_cases.stock import movement, write_movements

Record = dict[str, Any]
Body = Mapping[str, Any]


def create_shipment(session: Session, body: Body) -> str:
    """Plans a shipment of what is allocated to an order in one warehouse, all of it unless `lines` say what; returns
    its id. Raises OrderUnknown, OrderHeld, OrderIncomplete, NothingToShip, WarehouseNeeded, NotAllocated."""
    promises = _promises_of(session, body["order_id"])
    order = promises.reservations[body["order_id"]]
    check_sendable(order)
    warehouse_id = body.get("warehouse_id") or only_warehouse(order)
    parts = chosen(order, warehouse_id, body["lines"]) if body.get("lines") else everything(order, warehouse_id)
    if not parts:
        raise NothingToShip(
            "Nothing of this order is allocated there that is not in a shipment already; wait for stock, or look at"
            " its shipments (GET /api/shipments)."
        )
    record = {
        "id": new_id(),
        "order_id": order.order_id,
        "order_number": order.order_number,
        "customer_id": order.customer_id,
        "warehouse_id": warehouse_id,
        "status": PLANNED,
        "ship_to": order.ship_to,
        **dict.fromkeys(("carrier", "tracking_number", "tracking_url", "cost_minor", "currency", "cancelled_at")),
        **dict.fromkeys(("shipped_at", "delivered_at", "exception", "exception_note")),
        "version": 1,
    }
    lines = [{"shipment_id": record["id"], "customer_id": order.customer_id, **part} for part in parts]
    values = {"record": _json(record), "rows": _json(lines), "now": promises.now}
    (number,), _ = send(session, [(_INSERT, values), (_INSERT_LINES, values)])
    outbox.add(session, shipment_event("created", record | {"number": number[0]}, lines))
    return str(record["id"])


def dispatch_shipment(session: Session, shipment_id: str, body: Body) -> None:
    """Lets a planned shipment leave: stock and allocation go down, and its cost is what the goods cost on average now.
    Raises ShipmentNotFound, ShipmentState, OrderHeld, StockMissing, SerialOut."""
    promises, record, lines = _locked(session, shipment_id)
    check("dispatch", record["status"])
    order = promises.reservations[record["order_id"]]
    if order.held:
        raise OrderHeld("The order is on hold; release it first, or cancel the shipment.")
    balances = [promises.stock.balances[row["balance_id"]] for row in lines]
    _check_there(lines, promises)
    costs = [(row["quantity"], balance.average_cost_minor) for row, balance in zip(lines, balances, strict=True)]
    currencies = {balance.currency for balance in balances}
    cost = cost_minor(costs) if len(currencies) == 1 else None
    moves = []
    for row, balance in zip(lines, balances, strict=True):
        _send(order.lines[row["line_id"]], balance, row["quantity"])
        moves.append(
            movement(
                balance,
                "shipment",
                -row["quantity"],
                balance.average_cost_minor,
                reference=record["number"],
                shipment_id=shipment_id,
            )
        )
    order.state = state_of(order)
    tracking = {"carrier": body.get("carrier")}
    tracking |= {name: body.get(name) for name in ("tracking_number", "tracking_url")}
    record |= tracking | {"status": SHIPPED, "shipped_at": promises.now, "cost_minor": cost}
    record["currency"] = None if cost is None else balances[0].currency
    _change(session, record, promises.now)
    # Nobody is charged for what is its own.
    owned = [
        {**row, "quantity_own": row["quantity"] if balance.owner_id else 0}
        for row, balance in zip(lines, balances, strict=True)
    ]
    outbox.add(session, shipment_event("dispatched", record, owned))
    promises.tell("shipped", order)
    promises.save()
    write_movements(session, moves)
    serials.leave(session, record, lines)
    assets.sent(session, record, lines)


def deliver_shipment(session: Session, shipment_id: str, body: Body) -> None:
    """Notes that a shipment has arrived, now or at `delivered_at`. Raises ShipmentNotFound, ShipmentState."""
    promises, record, lines = _locked(session, shipment_id)
    check("deliver", record["status"])
    record |= {"status": DELIVERED, "delivered_at": body.get("delivered_at", promises.now)}
    _change(session, record, promises.now)
    outbox.add(session, shipment_event("delivered", record, lines))
    assets.arrived(session, shipment_id)


def pick_shipment(session: Session, shipment_id: str) -> None:
    """Notes that somebody picks its goods; from now on its customer cancels nothing. Raises ShipmentNotFound,
    ShipmentState."""
    _step(session, shipment_id, "pick", "picking_started", {"status": PICKING})


def pack_shipment(session: Session, shipment_id: str) -> None:
    """Notes that its goods are packed. Raises ShipmentNotFound, ShipmentState."""
    _step(session, shipment_id, "pack", "packed", {"status": PACKED})


def fail_shipment(session: Session, shipment_id: str, body: Body) -> Record:
    """Notes that a shipment was lost, refused or damaged on its way; returns it. Raises ShipmentNotFound,
    ShipmentState."""
    told = {"status": EXCEPTION, "exception": body["kind"], "exception_note": body.get("note")}
    return _step(session, shipment_id, "fail", "failed", told)


def cancel_shipment(session: Session, shipment_id: str) -> None:
    """Cancels a shipment that has not left: its goods stay allocated to the same order lines. Raises ShipmentNotFound,
    ShipmentState."""
    promises, record, _lines = _locked(session, shipment_id)
    check("cancel", record["status"])
    cancel_planned(session, [record["order_id"]], promises.now, only=shipment_id)


def cancel_planned(session: Session, orders: Iterable[str], now: datetime, *, only: str | None = None) -> None:
    """Cancels the shipments of orders that have not left, or the one that is named; the orders are locked."""
    ids = sorted(orders)
    if not ids:
        return
    rows = send(session, [(_CANCEL, {"orders": ids, "only": only, "now": now})], dict_row)[0]
    lines = _lines_of(session, [row["id"] for row in rows])
    for row in sorted(rows, key=lambda one: str(one["id"])):
        outbox.add(session, shipment_event("cancelled", row, lines[row["id"]]))


def _step(session: Session, shipment_id: str, command: str, verb: ShipmentVerb, told: Body) -> Record:
    promises, record, lines = _locked(session, shipment_id)
    check(command, record["status"])
    record |= told
    _change(session, record, promises.now)
    outbox.add(session, shipment_event(verb, record, lines))
    return record


def _promises_of(session: Session, order_id: str) -> Promises:
    found = send(session, [(_CUSTOMER, {"id": order_id})])[0]
    if not found:
        raise OrderUnknown(
            "Nothing is allocated to an order of this id; it has to be confirmed first.",
            errors=[FieldError("/order_id", "Has no reservation.")],
        )
    return Promises(session, orders={order_id: found[0][0]})


def _locked(session: Session, shipment_id: str) -> tuple[Promises, Record, list[Record]]:
    """A shipment with its lines, under the locks of its articles and its order."""
    found = send(session, [(_ORDER, {"id": shipment_id})], dict_row)[0]
    if not found:
        raise ShipmentNotFound("There is no such shipment.")
    promises = Promises(session, orders={found[0]["order_id"]: found[0]["customer_id"]})
    [record] = send(session, [(_READ, {"id": shipment_id})], dict_row)[0]
    return promises, record, _lines_of(session, [shipment_id])[shipment_id]


def _check_there(lines: Sequence[Record], promises: Promises) -> None:
    wanted: dict[str, int] = {}
    for row in lines:
        wanted[row["balance_id"]] = wanted.get(row["balance_id"], 0) + row["quantity"]
    for balance_id, quantity in wanted.items():
        balance = promises.stock.balances[balance_id]
        if quantity > balance.on_hand:
            raise StockMissing(
                f"Of {balance.sku} {balance.on_hand} are on hand, and {quantity} are to be sent; count the stock, or"
                " cancel the shipment and send less.",
                facts={"sku": balance.sku, "on_hand": balance.on_hand, "quantity": quantity},
            )


def _send(line: Line, balance: Balance, quantity: int) -> None:
    source = line.sources[balance.id]
    source.allocated -= quantity
    source.planned -= quantity
    source.shipped += quantity
    line.shipped += quantity
    balance.allocated -= quantity
    balance.on_hand -= quantity


def _change(session: Session, record: Record, now: datetime) -> None:
    record["version"] += 1
    send(session, [(_UPDATE, {"record": _json(record), "now": now})])


def _lines_of(session: Session, shipments: Sequence[str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {shipment_id: [] for shipment_id in shipments}
    for row in send(session, [(_LINES, {"ids": list(shipments)})], dict_row)[0] if shipments else ():
        found[row["shipment_id"]].append(row)
    return found


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_CUSTOMER = """
    SELECT customer_id::text FROM order_reservations
    WHERE order_id = %(id)s AND state IN ('allocated', 'consumed')
    """
_ORDER = "SELECT order_id::text, customer_id::text FROM shipments WHERE id = %(id)s"
_COLUMNS = """
    id::text, number, order_id::text, order_number, customer_id::text, warehouse_id::text, status, carrier,
    tracking_number, tracking_url, cost_minor, currency, shipped_at, delivered_at, cancelled_at,
    exception, exception_note, version
    """
_READ = f"SELECT {_COLUMNS} FROM shipments WHERE id = %(id)s FOR UPDATE"  # noqa: S608  # our own names
_LINES = """
    SELECT shipment_id::text, line_id::text, balance_id::text, position, sku, name, quantity, serials
    FROM shipment_lines WHERE shipment_id = ANY (CAST(%(ids)s AS uuid[])) ORDER BY shipment_id, position, balance_id
    """
_INSERT = """
    INSERT INTO shipments (id, number, order_id, order_number, customer_id, warehouse_id, status, ship_to, version,
                           created_at, updated_at)
    SELECT r.id, 'S-' || lpad(n.next, greatest(6, length(n.next)), '0'), order_id, order_number, customer_id,
           warehouse_id, status, ship_to, version, %(now)s, %(now)s
    FROM json_populate_record(NULL::shipments, CAST(%(record)s AS json)) AS r,
         (SELECT nextval('shipment_numbers')::text AS next) AS n
    RETURNING shipments.number
    """
_INSERT_LINES = """
    INSERT INTO shipment_lines SELECT * FROM json_populate_recordset(NULL::shipment_lines, CAST(%(rows)s AS json))
    """
_UPDATE = """
    UPDATE shipments AS s
    SET status = r.status, carrier = r.carrier, tracking_number = r.tracking_number, tracking_url = r.tracking_url,
        cost_minor = r.cost_minor, currency = r.currency, shipped_at = r.shipped_at, delivered_at = r.delivered_at,
        exception = r.exception, exception_note = r.exception_note, version = r.version, updated_at = %(now)s
    FROM json_populate_record(NULL::shipments, CAST(%(record)s AS json)) AS r WHERE s.id = r.id
    """
_CANCEL = f"""
    UPDATE shipments SET status = 'cancelled', cancelled_at = %(now)s, updated_at = %(now)s, version = version + 1
    WHERE order_id = ANY (CAST(%(orders)s AS uuid[])) AND status = ANY (ARRAY{list(HERE)})
      AND (CAST(%(only)s AS uuid) IS NULL OR id = CAST(%(only)s AS uuid))
    RETURNING {_COLUMNS}
    """  # noqa: S608  # our own names
