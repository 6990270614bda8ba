"""HTTP in: the operations of this service."""

from warehouse.api import operations, reservations, shipments, stock, warehouses

ROUTES = (warehouses.routes, stock.routes, reservations.routes, shipments.routes, operations.routes)
