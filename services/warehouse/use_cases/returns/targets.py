"""Where a return goes: into the customer's own warehouse, or to the provider's."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from customer_replica import effective_switches
from warehouse.domain.warehouses import ACTIVE, DEDICATED
from warehouse.errors import NotOpen
from warehouse.errors.returns import NotTheirs, NoWarehouse, ReturnsByStaff
from warehouse.tables.stock import warehouses
from warehouse.use_cases.promises import SWITCH
from warehouse.use_cases.warehouses import open_warehouse

Record = dict[str, Any]


def target_of(session: Session, customer_id: str, named: str | None, *, itself: bool) -> Record:
    """The warehouse that takes a customer's goods back. A customer that asks `itself` gets its own; staff names one by
    code or id, or gets the provider's first. Raises ReturnsByStaff, NoWarehouse, NotTheirs, WarehouseUnknown,
    NotOpen."""
    if itself:
        return _own(session, customer_id)
    if named is None:
        return _provider_s(session)
    place = open_warehouse(session, named)
    if place["kind"] == DEDICATED:
        if place["customer_id"] != customer_id:
            raise NotTheirs(f"{place['name']} serves another customer; choose one of the provider or the customer's.")
        if not is_on(session, customer_id):
            raise NotOpen(
                f"{place['name']} takes nothing in while the customer's switch {SWITCH} is off; choose a warehouse of"
                " the provider.",
                facts={"switch": SWITCH},
            )
    return place


def is_on(session: Session, customer_id: str) -> bool:
    """Whether the customer has warehouses in its portal."""
    found = effective_switches(session, [customer_id]).get(customer_id)
    return found is not None and found[SWITCH].active


def _own(session: Session, customer_id: str) -> Record:
    if not is_on(session, customer_id):
        raise ReturnsByStaff(
            "Your company returns goods through the provider: ask your contact there for a return, with the number of"
            " the shipment and what is to come back.",
            facts={"switch": SWITCH},
        )
    statement = select(warehouses).where(warehouses.c.customer_id == customer_id, warehouses.c.status == ACTIVE)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise NoWarehouse(
            "Your company's warehouse is not set up or takes nothing in now; ask your contact at the provider, who"
            " can make the return for you meanwhile.",
            facts={"switch": SWITCH},
        )
    return {str(name): value for name, value in row.items()}


def _provider_s(session: Session) -> Record:
    statement = select(warehouses.c.id).where(warehouses.c.kind != DEDICATED, warehouses.c.status == ACTIVE)
    first = session.execute(statement.order_by(warehouses.c.priority, warehouses.c.code).limit(1)).scalar()
    if first is None:
        raise NoWarehouse("The provider has no open warehouse; make one first (POST /api/warehouses).")
    return open_warehouse(session, str(first))
