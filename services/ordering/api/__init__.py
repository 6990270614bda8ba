"""HTTP in: the operations of this service."""

from ordering.api import imports, listings

ROUTES = (listings.routes, imports.routes)
