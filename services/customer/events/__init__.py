"""What this service publishes: each event holds the whole state of its aggregate after the change."""

from customer.events import (
    contact_roles,
    custom_fields,
    customers,
    deals,
    duplicates,
    files,
    groups,
    imports,
    links,
    location_groups,
    merges,
    notes,
    parts,
    privacy,
    properties,
    saved_filters,
    segments,
    settings,
    systems,
    tags,
    taxes,
)
from customer.events.contact_roles import contact_role
from customer.events.custom_fields import CustomFieldVerb, custom_field
from customer.events.customers import CustomerVerb, customer
from customer.events.deals import deal, deal_stage
from customer.events.drafts import PartVerb
from customer.events.duplicates import duplicate_dismissed
from customer.events.files import document_expiring, export_made, file, requirement
from customer.events.groups import GroupVerb, group
from customer.events.imports import import_reverted
from customer.events.links import link, link_erased, link_type
from customer.events.location_groups import LocationGroupVerb, location_group
from customer.events.merges import MergeVerb, merge
from customer.events.notes import note
from customer.events.parts import address, contact
from customer.events.privacy import contact_erased, customer_erased, legal_hold, privacy_request
from customer.events.properties import AssignmentVerb, MoveVerb, PropertyVerb, assignment, move, property_
from customer.events.saved_filters import saved_filter
from customer.events.segments import MemberVerb, SegmentVerb, segment, segment_member
from customer.events.settings import setting_registered, settings_changed
from customer.events.systems import SystemTypeVerb, secret_revealed, system, system_type
from customer.events.tags import TagVerb, tag
from customer.events.taxes import exemption, exemption_expiring, tax_id

_NOUNS = (
    *(contact_roles, custom_fields, customers, deals, duplicates, files, groups, imports, links, location_groups),
    *(merges, notes, parts, privacy, properties, saved_filters, segments, settings, systems, tags, taxes),
)

PUBLISHES = frozenset().union(*(noun.PUBLISHES for noun in _NOUNS))

__all__ = [
    "PUBLISHES",
    "AssignmentVerb",
    "CustomFieldVerb",
    "CustomerVerb",
    "GroupVerb",
    "LocationGroupVerb",
    "MemberVerb",
    "MergeVerb",
    "MoveVerb",
    "PartVerb",
    "PropertyVerb",
    "SegmentVerb",
    "SystemTypeVerb",
    "TagVerb",
    "address",
    "assignment",
    "contact",
    "contact_erased",
    "contact_role",
    "custom_field",
    "customer",
    "customer_erased",
    "deal",
    "deal_stage",
    "document_expiring",
    "duplicate_dismissed",
    "exemption",
    "exemption_expiring",
    "export_made",
    "file",
    "group",
    "import_reverted",
    "legal_hold",
    "link",
    "link_erased",
    "link_type",
    "location_group",
    "merge",
    "move",
    "note",
    "privacy_request",
    "property_",
    "requirement",
    "saved_filter",
    "secret_revealed",
    "segment",
    "segment_member",
    "setting_registered",
    "settings_changed",
    "system",
    "system_type",
    "tag",
    "tax_id",
]
