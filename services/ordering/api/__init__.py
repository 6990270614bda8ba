"""HTTP in: the operations of this service."""

from ordering.api import listings

ROUTES = (listings.routes,)
