"""HTTP in: the operations of this service."""

from warehouse.api import imports, operations, reservations, shipments, stock, warehouses

ROUTES = (warehouses.routes, stock.routes, reservations.routes, shipments.routes, operations.routes, imports.routes)
