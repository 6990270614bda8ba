"""What this service publishes: each event holds the whole state of its aggregate after the change."""

from customer.events import customers, groups, imports, parts
from customer.events.customers import CustomerVerb, customer
from customer.events.drafts import PartVerb
from customer.events.groups import GroupVerb, group
from customer.events.imports import import_finished
from customer.events.parts import address, contact

PUBLISHES = frozenset().union(*(noun.PUBLISHES for noun in (customers, groups, imports, parts)))

__all__ = [
    "PUBLISHES",
    "CustomerVerb",
    "GroupVerb",
    "PartVerb",
    "address",
    "contact",
    "customer",
    "group",
    "import_finished",
]
