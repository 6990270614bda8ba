"""HTTP in: the operations of this service."""

from customer.api import addresses, contacts, customers, groups, imports, location_groups, moves, properties

ROUTES = (
    customers.routes,
    contacts.routes,
    addresses.routes,
    groups.routes,
    imports.routes,
    location_groups.routes,
    properties.routes,
    moves.routes,
)
