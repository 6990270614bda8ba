"""The warehouse of a single customer: made or chosen, drained when the customer's switch goes off, opened again."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common import outbox
from common.records import moment
from customer_replica import customer_line, effective_switches
from warehouse.domain.warehouses import ACTIVE, CLOSED, DEDICATED, DRAINING, after_switch
from warehouse.errors import CustomerHasWarehouse, WarehouseUnknown
from warehouse.errors.transfers import CustomerUnknown, NotChoosable
from warehouse.events.warehouses import warehouse as warehouse_event
from warehouse.tables.stock import warehouses
from warehouse.use_cases import rows
from warehouse.use_cases.promises import SWITCH
from warehouse.use_cases.warehouses import check_empty, create_warehouse, find_warehouse

Row = dict[str, Any]
Body = Mapping[str, Any]


def provide_warehouse(session: Session, customer_id: str, body: Body) -> str:
    """Gives a customer its own warehouse and returns its id: the one that is named as `warehouse`, an empty one of the
    provider's or one that was the customer's; else its draining one is opened again; else one is made. Raises
    CustomerUnknown, CustomerHasWarehouse, WarehouseUnknown, NotChoosable, HasStock, CodeTaken."""
    line = customer_line(session, customer_id)
    if not line:
        raise CustomerUnknown("There is no such customer; look it up in GET /api/customers.")
    present = _present(session, customer_id)
    if present is not None and (present["status"] == ACTIVE or body.get("warehouse")):
        raise CustomerHasWarehouse(
            f"This customer has the warehouse {present['code']}; close it first, or use it.",
            facts={"warehouse_id": present["id"], "warehouse_status": present["status"]},
        )
    on = _on(session, [customer_id])[customer_id]
    if body.get("warehouse"):
        return _choose(session, customer_id, body["warehouse"], on=on)
    if present is not None:
        return _save(session, present | {"status": ACTIVE, "drained_by_switch": False, "switched_on": on})
    number = line[0]["number"]
    fields = {"code": number, "name": f"Warehouse {number}"} | {name: body[name] for name in _GIVEN if name in body}
    return create_warehouse(session, fields | {"customer_id": customer_id})


def follow_switches(session: Session) -> int:
    """Brings the customers' own warehouses in line with their switches; returns how many drain or opened by it."""
    seen = select(warehouses).where(warehouses.c.kind == DEDICATED, warehouses.c.status != CLOSED)
    stale = [row["id"] for row in _differing(session, session.execute(seen).mappings())]
    if not stale:
        return 0
    held = select(warehouses).where(warehouses.c.id.in_(stale)).order_by(warehouses.c.id).with_for_update()
    before = {row["id"]: row for row in session.execute(held).mappings()}
    changed = _differing(session, before.values())
    told = [row for row in changed if row["status"] != before[row["id"]]["status"]]
    for row in told:
        row |= {"version": row["version"] + 1, "updated_at": moment(session)}
        outbox.add(session, warehouse_event("updated", row))
    if changed:
        rows.run(session, rows.update(warehouses, changed))
    return len(told)


def _differing(session: Session, found: Iterable[Any]) -> list[Row]:
    """The warehouses that are not as their switches say, as they should be."""
    records = [{str(name): value for name, value in row.items()} for row in found]
    on = _on(session, sorted({row["customer_id"] for row in records}))
    result = []
    for row in records:
        now_on = on[row["customer_id"]]
        status, drained = after_switch(
            row["status"], was_on=row["switched_on"], on=now_on, drained=row["drained_by_switch"]
        )
        wanted = row | {"switched_on": now_on, "status": status, "drained_by_switch": drained}
        if wanted != row:
            result.append(wanted)
    return result


def _on(session: Session, customer_ids: list[str]) -> dict[str, bool]:
    switches = effective_switches(session, customer_ids) if customer_ids else {}
    return {one: one in switches and switches[one][SWITCH].active for one in customer_ids}


def _present(session: Session, customer_id: str) -> Row | None:
    of = warehouses.c
    statement = select(warehouses).where(of.customer_id == customer_id, of.status != CLOSED, ~of.surplus)
    row = session.execute(statement.with_for_update()).mappings().one_or_none()
    return None if row is None else {str(name): value for name, value in row.items()}


def _choose(session: Session, customer_id: str, named: str, *, on: bool) -> str:
    row = find_warehouse(session, named)
    if row is None:
        raise WarehouseUnknown(f"There is no warehouse {named}; name one by its code or id (GET /api/warehouses).")
    if row["customer_id"] not in {None, customer_id} or row["status"] == DRAINING:
        raise NotChoosable(
            f"{row['name']} serves another customer or is being emptied; choose an empty one of the provider's, or make"
            " one."
        )
    check_empty(session, row["id"])
    session.execute(_GIVE_BALANCES, {"id": row["id"], "customer": customer_id})
    given = {"kind": DEDICATED, "customer_id": customer_id, "status": ACTIVE, "surplus": False}
    return _save(session, row | given | {"drained_by_switch": False, "switched_on": on})


def _save(session: Session, row: Row) -> str:
    row |= {"version": row["version"] + 1, "updated_at": moment(session)}
    rows.run(session, rows.update(warehouses, [row]))
    outbox.add(session, warehouse_event("updated", row))
    return str(row["id"])


_GIVEN = ("code", "name", "address")
# Empty balances from before; their movements stay the provider's.
_GIVE_BALANCES = text("UPDATE stock_balances SET customer_id = :customer WHERE warehouse_id = :id")
