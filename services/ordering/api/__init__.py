"""HTTP in: the operations of this service."""

from ordering.api import carts, catalogue, listings, prices

ROUTES = (
    listings.routes,
    catalogue.routes,
    prices.routes,
    carts.routes,
)
