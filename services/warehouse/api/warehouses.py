"""Operations on warehouses."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from warehouse.api.stock import own_only
from warehouse.queries import warehouses as queries
from warehouse.schemas.warehouses import NewWarehouse, WarehouseChanges, WarehouseFilter, WarehouseOut
from warehouse.use_cases import warehouses

VIEW = "stock.view"
EDIT = "warehouses.edit"

routes = Routes("Warehouses", "Where goods are: the provider's warehouses, and those that serve a single customer.")

_ONE = "/warehouses/<uuid:warehouse_id>"


@routes.list("/warehouses", permission=VIEW, portal=True, query=WarehouseFilter, out=WarehouseOut)
def list_warehouses(call: Call) -> Page:
    """Warehouses, in the order in which goods are taken from them; a portal user sees its customers' own."""
    return queries.warehouse_page(call.session, own_only(call), call.limit, call.cursor, call.cursor_scope)


@routes.post("/warehouses", permission=EDIT, body=NewWarehouse, out=WarehouseOut)
def create_warehouse(call: Call) -> Mapping[str, Any]:
    """Makes a warehouse; with `customer_id` one that serves this customer alone."""
    warehouse_id = warehouses.create_warehouse(call.session, call.body)
    return queries.warehouse(call.session, warehouse_id)


@routes.get(_ONE, permission=VIEW, portal=True, out=WarehouseOut)
def show_warehouse(call: Call, warehouse_id: str) -> Mapping[str, Any]:
    """One warehouse."""
    return queries.warehouse(call.session, warehouse_id, own_only(call).get("customer_ids"))


@routes.patch(_ONE, permission=EDIT, body=WarehouseChanges, out=WarehouseOut)
def change_warehouse(call: Call, warehouse_id: str) -> Mapping[str, Any]:
    """Changes a warehouse, drains it or closes it."""
    warehouses.change_warehouse(call.session, warehouse_id, call.version, call.body)
    return queries.warehouse(call.session, warehouse_id)
