"""What this service publishes: each event holds the whole state of its aggregate after the change."""

from customer.events import customers, groups, imports, location_groups, parts, properties
from customer.events.customers import CustomerVerb, customer
from customer.events.drafts import PartVerb
from customer.events.groups import GroupVerb, group
from customer.events.imports import import_finished
from customer.events.location_groups import LocationGroupVerb, location_group
from customer.events.parts import address, contact
from customer.events.properties import AssignmentVerb, MoveVerb, PropertyVerb, assignment, move, property_

PUBLISHES = frozenset().union(
    *(noun.PUBLISHES for noun in (customers, groups, imports, location_groups, parts, properties))
)

__all__ = [
    "PUBLISHES",
    "AssignmentVerb",
    "CustomerVerb",
    "GroupVerb",
    "LocationGroupVerb",
    "MoveVerb",
    "PartVerb",
    "PropertyVerb",
    "address",
    "assignment",
    "contact",
    "customer",
    "group",
    "import_finished",
    "location_group",
    "move",
    "property_",
]
