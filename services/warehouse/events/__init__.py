"""What this service publishes: each event holds the whole state of its aggregate after the change."""

from warehouse.events import claims, imports, privacy, reservations, returns, shipments, stock, transfers, warehouses

PUBLISHES: frozenset[str] = frozenset().union(
    claims.PUBLISHES,
    imports.PUBLISHES,
    privacy.PUBLISHES,
    reservations.PUBLISHES,
    returns.PUBLISHES,
    shipments.PUBLISHES,
    stock.PUBLISHES,
    transfers.PUBLISHES,
    warehouses.PUBLISHES,
)
