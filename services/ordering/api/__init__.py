"""HTTP in: the operations of this service."""

from ordering.api import (
    approval_rules,
    approvals,
    carts,
    catalogue,
    imports,
    limits,
    listings,
    orders,
    prices,
    saved_lists,
)

ROUTES = (
    *(listings.routes, catalogue.routes, prices.routes, carts.routes, saved_lists.routes, orders.routes),
    *(approvals.routes, approval_rules.routes, limits.routes, imports.routes),
)
