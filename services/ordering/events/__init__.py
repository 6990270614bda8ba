"""What this service publishes: the whole record after each change."""

from ordering.events import approvals, catalogue, limits, listings, orders, prices, privacy

PUBLISHES: frozenset[str] = frozenset().union(
    listings.PUBLISHES,
    catalogue.PUBLISHES,
    prices.PUBLISHES,
    privacy.PUBLISHES,
    orders.PUBLISHES,
    approvals.PUBLISHES,
    limits.PUBLISHES,
)
