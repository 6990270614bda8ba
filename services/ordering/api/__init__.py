"""HTTP in: the operations of this service."""

from ordering.api import catalogue, listings, prices

ROUTES = (
    listings.routes,
    catalogue.routes,
    prices.routes,
)
