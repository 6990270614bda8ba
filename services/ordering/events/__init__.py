"""What this service publishes: the whole record after each change."""

from ordering.events import (
    approvals,
    bundles,
    catalogue,
    contracts,
    cost_centres,
    date_decisions,
    imports,
    limits,
    listings,
    orders,
    prices,
    privacy,
    quotes,
    sales,
    services,
    standing_orders,
)

PUBLISHES: frozenset[str] = frozenset().union(
    listings.PUBLISHES,
    catalogue.PUBLISHES,
    bundles.PUBLISHES,
    prices.PUBLISHES,
    privacy.PUBLISHES,
    orders.PUBLISHES,
    date_decisions.PUBLISHES,
    approvals.PUBLISHES,
    limits.PUBLISHES,
    services.PUBLISHES,
    contracts.PUBLISHES,
    cost_centres.PUBLISHES,
    imports.PUBLISHES,
    quotes.PUBLISHES,
    sales.PUBLISHES,
    standing_orders.PUBLISHES,
)
