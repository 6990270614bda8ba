"""HTTP in: the operations of this service."""

from ordering.api import listings, orders

ROUTES = (listings.routes, orders.routes)
