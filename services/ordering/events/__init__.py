"""What this service publishes: the whole record after each change."""

from ordering.events import (
    approvals,
    catalogue,
    contracts,
    limits,
    listings,
    orders,
    prices,
    privacy,
    purchase_orders,
    quotes,
    services,
    standing_orders,
)

PUBLISHES: frozenset[str] = frozenset().union(
    listings.PUBLISHES,
    catalogue.PUBLISHES,
    prices.PUBLISHES,
    privacy.PUBLISHES,
    orders.PUBLISHES,
    approvals.PUBLISHES,
    limits.PUBLISHES,
    purchase_orders.PUBLISHES,
    services.PUBLISHES,
    contracts.PUBLISHES,
    quotes.PUBLISHES,
    standing_orders.PUBLISHES,
)
