"""What this service publishes: the whole record after each change."""

from ordering.events import approvals, limits, listings, orders, privacy

PUBLISHES: frozenset[str] = frozenset().union(
    listings.PUBLISHES,
    privacy.PUBLISHES,
    orders.PUBLISHES,
    approvals.PUBLISHES,
    limits.PUBLISHES,
)
