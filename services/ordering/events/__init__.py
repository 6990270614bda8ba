"""What this service publishes: the whole record after each change."""

from ordering.events import approvals, limits, orders, privacy

PUBLISHES: frozenset[str] = frozenset().union(
    privacy.PUBLISHES,
    orders.PUBLISHES,
    approvals.PUBLISHES,
    limits.PUBLISHES,
)
