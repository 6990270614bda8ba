"""HTTP in: the operations of this service."""

from warehouse.api import dedicated, operations, reservations, returns, shipments, stock, transfers, warehouses

ROUTES = (
    *(warehouses.routes, dedicated.routes, stock.routes, reservations.routes, shipments.routes, returns.routes),
    *(transfers.routes, operations.routes),
)
