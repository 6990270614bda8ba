"""What this service publishes: each event holds the whole state of its aggregate after the change."""

from warehouse.events import privacy, reservations, shipments, stock, warehouses

PUBLISHES: frozenset[str] = frozenset().union(
    privacy.PUBLISHES,
    reservations.PUBLISHES,
    shipments.PUBLISHES,
    stock.PUBLISHES,
    warehouses.PUBLISHES,
)
