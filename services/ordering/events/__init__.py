"""What this service publishes: the whole record after each change."""

from ordering.events import listings, privacy

PUBLISHES: frozenset[str] = frozenset().union(
    listings.PUBLISHES,
    privacy.PUBLISHES,
)
