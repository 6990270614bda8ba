"""Operations on the warehouse of a single customer."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Routes
from warehouse.queries import dedicated as queries
from warehouse.schemas.dedicated import ProvidedWarehouse, WarehouseOfCustomer
from warehouse.use_cases import dedicated

VIEW = "stock.view"
EDIT = "warehouses.edit"

routes = Routes("Customers' warehouses", "The warehouse that serves a single customer, and how it follows its switch.")

_OF = "/customers/<uuid:customer_id>/warehouse"


@routes.get(_OF, permission=VIEW, portal=True, out=WarehouseOfCustomer)
def show_warehouse_of_customer(call: Call, customer_id: str) -> Mapping[str, Any]:
    """A customer's own warehouse: whether it has one, what is in or on its way to it, and what to do."""
    return queries.warehouse_of(call.session, customer_id)


@routes.post(_OF, permission=EDIT, body=ProvidedWarehouse, out=WarehouseOfCustomer)
def provide_warehouse(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Gives a customer its own warehouse: a new one, one that is chosen, or its draining one opened again."""
    dedicated.provide_warehouse(call.session, customer_id, call.body)
    return queries.warehouse_of(call.session, customer_id)
