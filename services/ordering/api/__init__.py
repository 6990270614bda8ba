"""HTTP in: the operations of this service."""

from ordering.api import (
    approval_rules,
    approvals,
    bundles,
    carts,
    catalogue,
    contracts,
    cost_centres,
    date_decisions,
    imports,
    limits,
    listings,
    order_revisions,
    orders,
    prices,
    purchase_orders,
    quotes,
    sales,
    saved_lists,
    services,
    standing_orders,
)

ROUTES = (
    *(listings.routes, catalogue.routes, prices.routes, carts.routes, saved_lists.routes, orders.routes),
    date_decisions.routes,
    *(order_revisions.routes, purchase_orders.routes),
    *(approvals.routes, approval_rules.routes, limits.routes, imports.routes),
    cost_centres.routes,
    *(services.routes, contracts.routes, quotes.routes, standing_orders.routes),
    *(sales.routes, bundles.routes),
)
