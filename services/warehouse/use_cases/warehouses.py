"""Warehouses: made, changed, drained and closed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.ids import is_id, new_id
from common.records import moment
from warehouse.errors import (
    Changed,
    CodeTaken,
    CustomerHasWarehouse,
    HasStock,
    NotOpen,
    WarehouseNotFound,
    WarehouseUnknown,
)
from warehouse.events.warehouses import warehouse as warehouse_event
from warehouse.tables.stock import warehouses

Record = dict[str, Any]

FIRST_PRIORITY = 100


def create_warehouse(session: Session, body: Mapping[str, Any]) -> str:
    """Makes a warehouse and returns its id: a dedicated one where it names a customer. Raises CodeTaken,
    CustomerHasWarehouse."""
    now = moment(session)
    customer_id = body.get("customer_id")
    record = {
        "id": new_id(),
        "code": body["code"],
        "name": body["name"],
        "kind": "dedicated" if customer_id else "provider",
        "customer_id": customer_id,
        "status": "active",
        "address": body.get("address"),
        "priority": body.get("priority", FIRST_PRIORITY),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    _write(session, insert(warehouses).values(record), record)
    outbox.add(session, warehouse_event("created", record))
    return str(record["id"])


def change_warehouse(session: Session, warehouse_id: str, version: int, body: Mapping[str, Any]) -> None:
    """Changes a warehouse. Draining, it takes nothing in and sends what is promised; it closes only when it is empty.
    Raises WarehouseNotFound, Changed, CodeTaken, HasStock."""
    statement = select(warehouses).where(warehouses.c.id == warehouse_id).with_for_update()
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise WarehouseNotFound("There is no such warehouse.")
    before = {str(name): value for name, value in row.items()}
    if before["version"] != version:
        raise Changed(f"The warehouse is at version {before['version']}; read it again.")
    after = before | dict(body)
    if after == before:
        return
    if after["status"] == "active":
        # One that came by a merge becomes the customer's own, unless it has one.
        after["surplus"] = False
    if after["status"] == "closed":
        check_empty(session, warehouse_id)
    after |= {"version": version + 1, "updated_at": moment(session)}
    _write(session, update(warehouses).where(warehouses.c.id == warehouse_id).values(after), after)
    outbox.add(session, warehouse_event("updated", after))


def open_warehouse(session: Session, named: str, *, draining: bool = False) -> Record:
    """The warehouse of this id or code that takes goods in, or is `draining` where that will do. Raises
    WarehouseUnknown, NotOpen."""
    row = find_warehouse(session, named, read=True)
    if row is None:
        raise WarehouseUnknown(f"There is no warehouse {named}; name one by its code or id (GET /api/warehouses).")
    if row["status"] != "active" and not (draining and row["status"] == "draining"):
        raise NotOpen(f"{row['name']} is {row['status']} and takes nothing in; choose another warehouse.")
    return row


def find_warehouse(session: Session, named: str, *, read: bool = False) -> Record | None:
    """Locks the warehouse of this id or code, so that it stays as it is, or to change it; None where there is none."""
    same = [func.lower(warehouses.c.code) == named.lower()]
    if is_id(named):
        same.append(warehouses.c.id == named)
    statement = select(warehouses).where(or_(*same)).with_for_update(read=read)
    row = session.execute(statement).mappings().first()
    return None if row is None else {str(name): value for name, value in row.items()}


def _write(session: Session, statement: Any, record: Record) -> None:
    try:
        with session.begin_nested():
            session.execute(statement)
    except IntegrityError as error:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if constraint == "warehouses_code":
            raise CodeTaken(f"Another warehouse has the code {record['code']}; choose another code.") from error
        if constraint == "warehouses_of_customer":
            raise CustomerHasWarehouse("This customer has a dedicated warehouse; change or close that one.") from error
        raise


def check_empty(session: Session, warehouse_id: str) -> None:
    """Raises HasStock unless nothing is in a warehouse, promised from it, or on its way from or to it."""
    row = session.execute(_HELD, {"id": warehouse_id}).one()
    if row.on_hand or row.promised or row.underway:
        raise HasStock(
            "The warehouse still holds stock, owes goods to orders, or waits for returns or transfers; set it to"
            " draining, let those end, move the rest out, and close it then.",
            facts={"on_hand": row.on_hand, "promised": row.promised, "underway": row.underway},
        )


_HELD = text(
    """
    SELECT COALESCE(sum(on_hand + quarantine), 0)::bigint AS on_hand,
           COALESCE(sum(reserved + allocated), 0)::bigint AS promised,
           (SELECT count(*) FROM returns WHERE warehouse_id = :id AND ended_at IS NULL)
           + (SELECT count(*) FROM transfers WHERE ended_at IS NULL AND :id IN (from_id, to_id)) AS underway
    FROM stock_balances WHERE warehouse_id = :id
    """
)
