"""Goods that arrive, and stock that is put right. Each writes movements, balances and what waits in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from common.money import to_minor
from common.pipeline import send
from common.records import moment
from warehouse.domain.promises import Balance
from warehouse.domain.stock import moving_average
from warehouse.errors.stock import (
    BalanceNotFound,
    CurrencyDiffers,
    MoneyUnsuitable,
    NotEnoughOnHand,
    NotInQuarantine,
)
from warehouse.events.stock import StockVerb
from warehouse.events.stock import stock as stock_event
from warehouse.use_cases.promises import Promises
from warehouse.use_cases.supplies import Arriving
from warehouse.use_cases.warehouses import open_warehouse

Body = Mapping[str, Any]


def receive(session: Session, body: Body) -> list[str]:
    """Takes goods in and gives them to what waits for them; returns the balances by id, one for each line. Raises
    WarehouseUnknown, NotOpen, CurrencyDiffers, MoneyUnsuitable, SupplyUnsuitable, SupplyState."""
    place = open_warehouse(session, body["warehouse"])
    desk = Desk(session, place, body["lines"])
    arriving = Arriving(session, place, body["lines"], desk.promises)
    for number, line in enumerate(body["lines"]):
        balance = desk.balances[number]
        cost = _take_cost(balance, line.get("unit_cost"), number)
        average = moving_average(balance.on_hand, balance.average_cost_minor, line["quantity"], cost)
        balance.average_cost_minor = average
        desk.move(balance, "receipt", line["quantity"], cost if cost is not None else average)
    desk.finish(body.get("reference"), None, redate=arriving.skus)
    arriving.finish()
    return [balance.id for balance in desk.balances]


def adjust(session: Session, body: Body) -> list[str]:
    """Puts stock right by a `change`, or to what was counted (`on_hand`); returns the balances by id. Less than is
    allocated is taken as a fact: the youngest allocations are marked, and the event names them. Raises
    WarehouseUnknown, NotEnoughOnHand."""
    place = open_warehouse(session, body["warehouse"], draining=True)
    desk = Desk(session, place, body["lines"])
    for number, line in enumerate(body["lines"]):
        balance = desk.balances[number]
        counted = "on_hand" in line
        change = line["on_hand"] - balance.on_hand if counted else line["change"]
        if balance.on_hand + change < 0:
            raise NotEnoughOnHand(
                f"Of {balance.sku} {balance.on_hand} are on hand; take away as much at most, or count it.",
                errors=[FieldError(f"/lines/{number}/change", f"Takes away more than {balance.on_hand}.")],
                facts={"sku": balance.sku, "on_hand": balance.on_hand},
            )
        desk.move(balance, "count" if counted else "adjustment", change, balance.average_cost_minor)
    desk.finish(None, body["reason"])
    return [balance.id for balance in desk.balances]


def release_quarantine(session: Session, body: Body) -> list[str]:
    """Takes goods out of quarantine, onto the shelf or away; returns the balances by id. Raises WarehouseUnknown,
    NotOpen, NotInQuarantine."""
    place = open_warehouse(session, body["warehouse"], draining=True)
    desk = Desk(session, place, body["lines"])
    for number, line in enumerate(body["lines"]):
        balance = desk.balances[number]
        there = desk.apart(balance)
        if line["quantity"] > there:
            raise NotInQuarantine(
                f"Of {balance.sku} {there} are in quarantine there; release as many at most.",
                errors=[FieldError(f"/lines/{number}/quantity", f"At most {there}.")],
                facts={"sku": balance.sku, "quarantine": there},
            )
        desk.keep_apart(balance, "adjustment", -line["quantity"])
        if line["to"] == "shelf":
            desk.move(balance, "adjustment", line["quantity"], balance.average_cost_minor)
    desk.finish(None, body["reason"])
    return [balance.id for balance in desk.balances]


def set_safety_stock(session: Session, balance_id: str, quantity: int) -> str:
    """Sets how much of a balance is promised to nobody; what that frees goes to what waits. Promises that were made
    stay. Returns the balance's id; raises BalanceNotFound, NotOpen."""
    found = send(session, [(_PLACE, {"id": balance_id})], dict_row)[0]
    if not found:
        raise BalanceNotFound("There is no such stock; it comes into being with the first receipt.")
    place = open_warehouse(session, found[0]["warehouse_id"], draining=True)
    desk = Desk(session, place, found)
    [balance] = desk.balances
    if balance.safety_stock != quantity:
        balance.safety_stock = quantity
        desk.note(balance)
        desk.finish(None, f"Safety stock {quantity}")
    return balance.id


class Desk:
    """Balances of one warehouse under their locks, and the movements that they get."""

    def __init__(self, session: Session, place: Mapping[str, Any], lines: Sequence[Body]) -> None:
        self.session = session
        self.place = place
        keys = [(line["sku"], line.get("owner_id")) for line in lines]
        self.promises = Promises(
            session,
            orders={},
            skus={sku for sku, _ in keys},
            customers=[place["customer_id"]] if place["customer_id"] else [],
            prepare=lambda: self._open(keys),
        )
        here = {
            (one.sku, one.owner_id): one
            for one in self.promises.stock.balances.values()
            if one.warehouse_id == place["id"]
        }
        self.balances = [here[key] for key in keys]
        self._moves: list[dict[str, Any]] = []
        self._changes: dict[str, tuple[StockVerb, int]] = {}
        self._apart: dict[str, int] = {}

    def _open(self, keys: Sequence[tuple[str, str | None]]) -> None:
        """Makes the balances that are not there yet."""
        rows = [
            {
                "id": new_id(),
                "warehouse_id": self.place["id"],
                "customer_id": self.place["customer_id"],
                "sku": sku,
                "owner_id": owner_id,
            }
            for sku, owner_id in dict.fromkeys(keys)
        ]
        send(self.session, [(_OPEN, {"rows": orjson.dumps(rows).decode(), "now": moment(self.session)})])

    def move(self, balance: Balance, kind: str, quantity: int, unit_cost: Decimal | None) -> None:
        """Changes what is on hand by a movement."""
        balance.on_hand += quantity
        before = self._changes.get(balance.id, ("received", 0))[1]
        self._changes[balance.id] = (_VERBS[kind], before + quantity)
        if quantity > 0:
            self.promises.stock.freed.add(balance.sku)
        if quantity or kind == "count":
            self._moves.append(movement(balance, kind, quantity, unit_cost))

    def take_in(self, balance: Balance, kind: str, quantity: int, cost: tuple[Decimal, str] | None) -> None:
        """Adds goods that bring a unit's cost along, in its currency. A cost in another currency than the balance's
        counts as none: then the goods cost what is the average there."""
        unit = None
        if cost is not None and balance.currency in {None, cost[1]}:
            unit, balance.currency = cost
        average = moving_average(balance.on_hand, balance.average_cost_minor, quantity, unit)
        balance.average_cost_minor = average
        self.move(balance, kind, quantity, unit if unit is not None else average)

    def keep_apart(self, balance: Balance, kind: str, quantity: int) -> None:
        """Changes what is in quarantine, which is promised to nobody, by a movement of its own."""
        self._apart[balance.id] = self._apart.get(balance.id, 0) + quantity
        self._moves.append(movement(balance, kind, quantity, balance.average_cost_minor, pool="quarantine"))

    def apart(self, balance: Balance) -> int:
        """How many are in quarantine."""
        return int(send(self.session, [(_APART, {"id": balance.id})])[0][0][0]) + self._apart.get(balance.id, 0)

    def note(self, balance: Balance) -> None:
        """Has a balance told that changed without a movement."""
        self._changes[balance.id] = ("adjusted", 0)
        self.promises.stock.freed.add(balance.sku)

    def finish(self, reference: str | None, reason: str | None, *, redate: Iterable[str] = ()) -> None:
        """Serves what waits, dates anew what goes on waiting for the articles of `redate`, writes everything, and tells
        of each balance once."""
        changed = [self.promises.stock.balances[one] for one in self._changes]
        for balance in changed:
            balance.version += 1
        dated = set(redate)
        self.promises.read_queues({balance.sku for balance in changed} if dated else ())
        self.promises.serve_waiting()
        self.promises.days.cause = "supply"
        self.promises.date_anew(dated)
        self.promises.save()
        if self._apart:
            rows = [{"id": balance_id, "quarantine": change} for balance_id, change in self._apart.items()]
            send(self.session, [(_KEEP_APART, {"rows": orjson.dumps(rows).decode()})])
        write_movements(self.session, self._moves, reference=reference, note=reason)
        risks = self._risks([one.id for one in changed if one.allocated > one.on_hand])
        for balance in changed:
            record = {name: getattr(balance, name) for name in _TOLD}
            verb, change = self._changes[balance.id]
            told = stock_event(verb, record, change, reason or reference, risks.get(balance.id, ()))
            outbox.add(self.session, told)

    def _risks(self, balances: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in send(self.session, [(_RISKS, {"balances": list(balances)})], dict_row)[0] if balances else ():
            found.setdefault(row.pop("balance_id"), []).append(row)
        return found


def movement(balance: Balance, kind: str, quantity: int, unit_cost: Decimal | None, **more: Any) -> dict[str, Any]:
    """A row of the ledger."""
    return {
        "id": new_id(),
        "balance_id": balance.id,
        "warehouse_id": balance.warehouse_id,
        "customer_id": balance.customer_id,
        "sku": balance.sku,
        "owner_id": balance.owner_id,
        "kind": kind,
        "quantity": quantity,
        "unit_cost_minor": None if unit_cost is None else str(unit_cost),
        "currency": None if unit_cost is None else balance.currency,
        **more,
    }


def write_movements(
    session: Session, rows: Sequence[Mapping[str, Any]], *, reference: str | None = None, note: str | None = None
) -> None:
    """Adds movements to the ledger, by whoever acts in this transaction."""
    if not rows:
        return
    context: Context = session.info["context"]
    values = {
        "rows": orjson.dumps(rows).decode(),
        "reference": reference,
        "note": note,
        "actor": context.actor,
        "actor_label": context.actor_label,
        "now": moment(session),
    }
    send(session, [(_MOVE, values)])


def _take_cost(balance: Balance, cost: Mapping[str, str] | None, number: int) -> Decimal | None:
    """A unit's cost in minor units of the balance's currency, which the first cost decides."""
    if cost is None:
        return None
    pointer = f"/lines/{number}/unit_cost"
    if balance.currency not in {None, cost["currency"]}:
        raise CurrencyDiffers(
            f"The cost of {balance.sku} is kept in {balance.currency} here; give it in that currency.",
            errors=[FieldError(f"{pointer}/currency", f"Must be {balance.currency}.")],
            facts={"sku": balance.sku, "currency": balance.currency},
        )
    minor = to_minor(cost["amount"], cost["currency"], pointer, MoneyUnsuitable)
    balance.currency = cost["currency"]
    return Decimal(minor)


_VERBS: Mapping[str, StockVerb] = {
    "receipt": "received",
    "return": "received",
    "transfer_in": "received",
    "transfer_out": "adjusted",
    "adjustment": "adjusted",
    "count": "counted",
}
_TOLD = (
    *("id", "warehouse_id", "customer_id", "sku", "owner_id", "on_hand", "reserved", "allocated"),
    *("safety_stock", "version"),
)
_PLACE = "SELECT warehouse_id::text, sku, owner_id::text FROM stock_balances WHERE id = %(id)s"
_OPEN = """
    INSERT INTO stock_balances (id, warehouse_id, customer_id, sku, owner_id, on_hand, version, created_at, updated_at)
    SELECT id, warehouse_id, customer_id, sku, owner_id, 0, 0, %(now)s, %(now)s
    FROM json_populate_recordset(NULL::stock_balances, CAST(%(rows)s AS json))
    ON CONFLICT DO NOTHING
    """
_APART = "SELECT quarantine FROM stock_balances WHERE id = %(id)s"
_KEEP_APART = """
    UPDATE stock_balances AS b SET quarantine = b.quarantine + r.quarantine
    FROM json_populate_recordset(NULL::stock_balances, CAST(%(rows)s AS json)) AS r WHERE b.id = r.id
    """
_MOVE = """
    INSERT INTO stock_movements
           (id, balance_id, warehouse_id, customer_id, sku, owner_id, kind, pool, quantity, unit_cost_minor,
            currency, reference, shipment_id, actor, actor_label, note, created_at)
    SELECT id, balance_id, warehouse_id, customer_id, sku, owner_id, kind, COALESCE(pool, 'on_hand'), quantity,
           unit_cost_minor, currency, COALESCE(reference, %(reference)s), shipment_id, %(actor)s,
           %(actor_label)s, %(note)s, %(now)s
    FROM json_populate_recordset(NULL::stock_movements, CAST(%(rows)s AS json))
    """
_RISKS = """
    SELECT balance_id::text, order_id::text, line_id::text, at_risk AS quantity FROM reservation_sources
    WHERE balance_id = ANY (CAST(%(balances)s AS uuid[])) AND at_risk > 0 ORDER BY order_id DESC, line_id DESC
    """
