"""HTTP in: the operations of this service."""

from ordering.api import catalogue, imports, listings, prices

ROUTES = (listings.routes, catalogue.routes, prices.routes, imports.routes)
