"""What this service publishes: the whole record after each change."""

from ordering.events import listings, orders, privacy

PUBLISHES: frozenset[str] = frozenset().union(
    listings.PUBLISHES,
    privacy.PUBLISHES,
    orders.PUBLISHES,
)
