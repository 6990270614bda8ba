"""What this service publishes: each event holds the whole state of its aggregate after the change."""

from warehouse.events import (
    assets,
    claims,
    imports,
    preorders,
    privacy,
    reservations,
    returns,
    shipments,
    stock,
    supplies,
    transfers,
    warehouses,
)

PUBLISHES: frozenset[str] = frozenset().union(
    assets.PUBLISHES,
    claims.PUBLISHES,
    imports.PUBLISHES,
    preorders.PUBLISHES,
    privacy.PUBLISHES,
    reservations.PUBLISHES,
    returns.PUBLISHES,
    shipments.PUBLISHES,
    stock.PUBLISHES,
    supplies.PUBLISHES,
    transfers.PUBLISHES,
    warehouses.PUBLISHES,
)
