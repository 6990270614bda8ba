"""What this service publishes: the whole record after each change."""

from ordering.events import privacy

PUBLISHES: frozenset[str] = frozenset().union(
    privacy.PUBLISHES,
)
