"""Transfers of goods between two warehouses. They leave as what is free, belong to no balance on their way, and bring
their cost along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from common.pipeline import send
from common.records import moment
from warehouse.domain import transfers as rules
from warehouse.domain.warehouses import DEDICATED
from warehouse.errors import NotOpen
from warehouse.errors.transfers import (
    NotAvailable,
    ReasonNeeded,
    TransferBetweenCustomers,
    TransferExceeded,
    TransferLineUnknown,
    TransferNotFound,
    TransferWithin,
)
from warehouse.events.transfers import transfer as transfer_event
from warehouse.tables.transfers import transfer_lines, transfers
from warehouse.use_cases import rows
from warehouse.use_cases.promises import SWITCH
from warehouse.use_cases.returns.targets import is_on
from warehouse.use_cases.stock import Desk
from warehouse.use_cases.warehouses import open_warehouse

Row = dict[str, Any]
Body = Mapping[str, Any]


@dataclass(slots=True)
class Transfer:
    """The row of a transfer, and its lines by position."""

    row: Row
    lines: list[Row]

    @property
    def status(self) -> str:
        return str(self.row["status"])


def request_transfer(session: Session, body: Body) -> str:
    """Asks for goods to be moved from one warehouse into another; returns its id. Raises WarehouseUnknown, NotOpen,
    TransferWithin, TransferBetweenCustomers."""
    first = open_warehouse(session, body["source"], draining=True)
    second = open_warehouse(session, body["target"])
    if first["id"] == second["id"]:
        raise TransferWithin("Name two warehouses; within one, nothing has to be moved.")
    _check_target(session, second)
    customers = {one["customer_id"] for one in (first, second)} - {None}
    owners = {line.get("owner_id") for line in body["lines"]} - {None}
    strange = owners - {second["customer_id"]} if second["customer_id"] else set()
    if len(customers) > 1 or strange:
        raise TransferBetweenCustomers(
            "Goods do not go from one customer's warehouse into another customer's; move them to the provider first, or"
            " name other goods."
        )
    return write_request(
        session,
        first["id"],
        second["id"],
        first["customer_id"] or second["customer_id"],
        body["lines"],
        body.get("note"),
    )


def write_request(
    session: Session, from_id: str, to_id: str, customer_id: str | None, wanted: Sequence[Body], note: str | None
) -> str:
    """Writes a transfer that is asked for between two warehouses, and tells it; returns its id."""
    now = moment(session)
    context: Context = session.info["context"]
    row = {
        **rows.blank(transfers),
        "id": new_id(),
        "number": send(session, [(_NUMBER, {})])[0][0][0],
        "from_id": from_id,
        "to_id": to_id,
        "customer_id": customer_id,
        "status": rules.REQUESTED,
        "requested_by": context.actor,
        "note": note,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    lines = [
        {
            "id": new_id(),
            "transfer_id": row["id"],
            "customer_id": customer_id,
            "position": number,
            "sku": line["sku"],
            "owner_id": line.get("owner_id"),
            "quantity": line["quantity"],
            "received": 0,
            "unit_cost_minor": None,
            "currency": None,
        }
        for number, line in enumerate(wanted, 1)
    ]
    rows.run(session, rows.insert(transfers, [row]), rows.insert(transfer_lines, lines))
    outbox.add(session, transfer_event("requested", row, lines))
    return str(row["id"])


def status_of(session: Session, transfer_id: str) -> str:
    """The status of a transfer, which is locked by that; raises TransferNotFound."""
    return _lock(session, transfer_id).status


def approve_transfer(session: Session, transfer_id: str) -> None:
    """Approves a requested transfer. Raises TransferNotFound, TransferState."""
    one = _lock(session, transfer_id)
    one.row["status"] = rules.after(one.status, "approve")
    _save(session, one, "approved")


def cancel_transfer(session: Session, transfer_id: str, reason: str | None) -> None:
    """Cancels a transfer whose goods have not left. Raises TransferNotFound, TransferState."""
    one = _lock(session, transfer_id)
    one.row |= {"status": rules.after(one.status, "cancel"), "reason": reason, "ended_at": moment(session)}
    _save(session, one, "cancelled")


def dispatch_transfer(session: Session, transfer_id: str) -> None:
    """Lets the goods leave: they must be free, neither promised to orders nor safety stock. Raises TransferNotFound,
    TransferState, NotOpen, NotAvailable."""
    one = _lock(session, transfer_id)
    one.row |= {"status": rules.after(one.status, "dispatch"), "sent_at": moment(session)}
    _check_target(session, open_warehouse(session, one.row["to_id"]))
    desk = Desk(session, open_warehouse(session, one.row["from_id"], draining=True), one.lines)
    for number, (line, balance) in enumerate(zip(one.lines, desk.balances, strict=True)):
        # A draining warehouse keeps no safety stock.
        free = balance.on_hand - balance.reserved - balance.allocated - (balance.safety_stock if balance.open else 0)
        if line["quantity"] > free:
            raise NotAvailable(
                f"Of {balance.sku} {max(0, free)} are free there; cancel this transfer and move as many, or wait for"
                " more.",
                errors=[FieldError(f"/lines/{number}/quantity", f"At most {max(0, free)}.")],
                facts={"sku": balance.sku, "available": max(0, free)},
            )
        line |= {"unit_cost_minor": balance.average_cost_minor, "currency": balance.currency}
        desk.move(balance, "transfer_out", -line["quantity"], balance.average_cost_minor)
    desk.finish(one.row["number"], None)
    _save(session, one, "dispatched")


def receive_transfer(session: Session, transfer_id: str, body: Body) -> None:
    """Counts in what has arrived: everything that is on its way, unless `lines` say how much. A draining warehouse
    takes in what was on its way. Raises TransferNotFound, TransferState, TransferLineUnknown, TransferExceeded."""
    one = _lock(session, transfer_id)
    rules.after(one.status, "receive", rules.RECEIVED)
    arrived = _arrived(one, body["lines"]) if "lines" in body else _everything(one)
    desk = Desk(session, open_warehouse(session, one.row["to_id"], draining=True), [line for line, _ in arrived])
    for (line, quantity), balance in zip(arrived, desk.balances, strict=True):
        line["received"] += quantity
        cost = line["unit_cost_minor"]
        desk.take_in(balance, "transfer_in", quantity, None if cost is None else (cost, line["currency"]))
    desk.finish(one.row["number"], None)
    status = rules.PARTIALLY_RECEIVED if rules.missing(one.lines) else rules.RECEIVED
    one.row |= {"status": rules.after(one.status, "receive", status), "received_at": moment(session)}
    _save(session, one, "received")


def close_transfer(session: Session, transfer_id: str, reason: str | None) -> None:
    """Closes a transfer; what has not arrived by then is written off, for a reason. Raises TransferNotFound,
    TransferState, ReasonNeeded."""
    one = _lock(session, transfer_id)
    status = rules.after(one.status, "close")
    if rules.missing(one.lines) and not reason:
        raise ReasonNeeded(
            f"{rules.missing(one.lines)} have not arrived; count them in, or say why they are missing.",
            errors=[FieldError("/reason", "Is needed.")],
        )
    one.row |= {"status": status, "reason": reason, "ended_at": moment(session)}
    _save(session, one, "closed")


def _check_target(session: Session, place: Mapping[str, Any]) -> None:
    if place["kind"] == DEDICATED and place["switched_on"] and not is_on(session, place["customer_id"]):
        raise NotOpen(
            f"{place['name']} takes nothing in while its customer's switch {SWITCH} is off.", facts={"switch": SWITCH}
        )


def _arrived(one: Transfer, entries: Sequence[Body]) -> list[tuple[Row, int]]:
    arrived: dict[str, tuple[Row, int]] = {}
    by_id = {line["id"]: line for line in one.lines}
    for number, entry in enumerate(entries):
        line = by_id.get(entry["transfer_line_id"])
        if line is None:
            raise TransferLineUnknown(
                "The transfer has no such line; read it again.",
                errors=[FieldError(f"/lines/{number}/transfer_line_id", "Is unknown.")],
            )
        quantity = entry["quantity"] + arrived.get(line["id"], (line, 0))[1]
        left = line["quantity"] - line["received"]
        if quantity > left:
            raise TransferExceeded(
                f"Of {line['sku']} {left} are on their way; count in as many, and put the rest right by an adjustment.",
                errors=[FieldError(f"/lines/{number}/quantity", f"At most {left}.")],
                facts={"sku": line["sku"], "in_transit": left},
            )
        arrived[line["id"]] = (line, quantity)
    return list(arrived.values())


def _everything(one: Transfer) -> list[tuple[Row, int]]:
    return [(line, left) for line in one.lines if (left := line["quantity"] - line["received"])]


def _lock(session: Session, transfer_id: str) -> Transfer:
    statement = select(transfers).where(transfers.c.id == transfer_id).with_for_update()
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise TransferNotFound("There is no such transfer.")
    of = select(transfer_lines).where(transfer_lines.c.transfer_id == transfer_id).order_by(transfer_lines.c.position)
    return Transfer(_record(row), [_record(line) for line in session.execute(of).mappings()])


def _save(session: Session, one: Transfer, verb: str) -> None:
    one.row |= {"version": one.row["version"] + 1, "updated_at": moment(session)}
    rows.run(session, rows.update(transfers, [one.row]), rows.update(transfer_lines, one.lines))
    outbox.add(session, transfer_event(verb, one.row, one.lines))


def _record(row: Mapping[Any, Any]) -> Row:
    return {str(name): value for name, value in row.items()}


_NUMBER = """
    SELECT 'T-' || lpad(n.next, greatest(6, length(n.next)), '0')
    FROM (SELECT nextval('transfer_numbers')::text AS next) AS n
    """
