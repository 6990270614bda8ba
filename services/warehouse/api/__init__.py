"""HTTP in: the operations of this service."""

from warehouse.api import (
    asset_requests,
    assets,
    claims,
    dedicated,
    imports,
    operations,
    reservations,
    returns,
    shipments,
    stock,
    supplies,
    transfers,
    warehouses,
)

ROUTES = (
    *(
        warehouses.routes,
        dedicated.routes,
        stock.routes,
        supplies.routes,
        reservations.routes,
        shipments.routes,
        returns.routes,
        claims.routes,
    ),
    *(transfers.routes, operations.routes, imports.routes),
    *(assets.routes, asset_requests.routes),
)
