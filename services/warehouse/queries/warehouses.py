"""Warehouses as they are shown."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from warehouse.errors import WarehouseNotFound
from warehouse.tables.stock import warehouses


def warehouse(session: Session, warehouse_id: str) -> Mapping[str, Any]:
    """One warehouse; raises WarehouseNotFound."""
    row = session.execute(select(warehouses).where(warehouses.c.id == warehouse_id)).mappings().one_or_none()
    if row is None:
        raise WarehouseNotFound("There is no such warehouse.")
    return dict(row)


def warehouse_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Warehouses in the order in which goods are taken from them."""
    statement = select(warehouses)
    for name in ("status", "kind", "customer_id"):
        if name in query:
            statement = statement.where(warehouses.c[name] == query[name])
    keys = [Key(warehouses.c.priority), Key(warehouses.c.code)]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([dict(row) for row in found.rows], found.next_cursor)
