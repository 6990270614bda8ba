"""HTTP in: the operations of this service."""

from warehouse.api import (
    asset_requests,
    assets,
    dedicated,
    imports,
    operations,
    reservations,
    returns,
    shipments,
    stock,
    transfers,
    warehouses,
)

ROUTES = (
    *(warehouses.routes, dedicated.routes, stock.routes, reservations.routes, shipments.routes, returns.routes),
    *(transfers.routes, operations.routes, imports.routes),
    *(assets.routes, asset_requests.routes),
)
