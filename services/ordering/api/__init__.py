"""HTTP in: the operations of this service."""

from ordering.api import approval_rules, approvals, carts, catalogue, imports, limits, listings, orders, prices

ROUTES = (
    *(listings.routes, catalogue.routes, prices.routes, carts.routes, orders.routes),
    *(approvals.routes, approval_rules.routes, limits.routes, imports.routes),
)
