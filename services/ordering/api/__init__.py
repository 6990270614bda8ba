"""HTTP in: the operations of this service."""

from ordering.api import approval_rules, approvals, limits, listings, orders

ROUTES = (listings.routes, orders.routes, approvals.routes, approval_rules.routes, limits.routes)
