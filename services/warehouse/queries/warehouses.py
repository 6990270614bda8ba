"""Warehouses as they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from warehouse.errors import WarehouseNotFound
from warehouse.tables.stock import warehouses


def warehouse(session: Session, warehouse_id: str, customer_ids: Sequence[str] | None = None) -> Mapping[str, Any]:
    """One warehouse, of one of the customers where any are named; raises WarehouseNotFound."""
    statement = select(warehouses).where(warehouses.c.id == warehouse_id)
    if customer_ids is not None:
        statement = statement.where(warehouses.c.customer_id.in_(customer_ids))
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise WarehouseNotFound("There is no such warehouse.")
    return dict(row)


def warehouse_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Warehouses in the order in which goods are taken from them."""
    statement = select(warehouses)
    for name in ("status", "kind", "customer_id"):
        if name in query:
            statement = statement.where(warehouses.c[name] == query[name])
    if "customer_ids" in query:
        statement = statement.where(warehouses.c.customer_id.in_(query["customer_ids"]))
    keys = [Key(warehouses.c.priority), Key(warehouses.c.code)]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([dict(row) for row in found.rows], found.next_cursor)
