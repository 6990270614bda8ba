"""HTTP in: the operations of this service."""

from customer.api import (
    addresses,
    contacts,
    customers,
    duplicates,
    groups,
    imports,
    location_groups,
    merges,
    moves,
    properties,
)

ROUTES = (
    customers.routes,
    contacts.routes,
    addresses.routes,
    groups.routes,
    imports.routes,
    location_groups.routes,
    properties.routes,
    moves.routes,
    duplicates.routes,
    merges.routes,
)
