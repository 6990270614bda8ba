"""HTTP in: the operations of this service."""

from ordering.api import (
    approval_rules,
    approvals,
    carts,
    catalogue,
    contracts,
    imports,
    limits,
    listings,
    order_revisions,
    orders,
    prices,
    purchase_orders,
    quotes,
    saved_lists,
    services,
    standing_orders,
)

ROUTES = (
    *(listings.routes, catalogue.routes, prices.routes, carts.routes, saved_lists.routes, orders.routes),
    *(order_revisions.routes, purchase_orders.routes),
    *(approvals.routes, approval_rules.routes, limits.routes, imports.routes),
    *(services.routes, contracts.routes, quotes.routes, standing_orders.routes),
)
