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
    saved_filters,
    segments,
    settings,
    tags,
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
    tags.routes,
    segments.routes,
    saved_filters.routes,
    settings.routes,
)
