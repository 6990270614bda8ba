"""The fields of a customer that a rule may speak of, as plain records hold them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from customer.domain import properties, systems
from customer.domain.assignments import ROLES
from customer.domain.limits import KINDS, STATUSES
from customer_rules import Field, Fields, Type

LIFECYCLES: Final = ("lead", "prospect", "customer")
# In the order in which an address for it is the one that a customer is listed under.
PURPOSE_LABELS: Final = {"legal": "Legal", "billing": "Billing", "site": "Site", "ship_to": "Shipping"}


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field as rules see it: `kind` is the type of its definition, `choices` the labels of its options."""

    key: str
    label: str
    kind: str
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What of an installation a rule may name, each id with its name; None accepts any id, as stored rules need."""

    tags: Mapping[str, str] | None = None
    groups: Mapping[str, str] | None = None
    segments: Mapping[str, str] | None = None
    location_groups: Mapping[str, str] | None = None
    system_types: Mapping[str, str] | None = None
    custom_fields: Iterable[CustomField] = ()
    contact_fields: Iterable[CustomField] = ()


_TYPES: Final[Mapping[str, Type]] = {
    "integer": "number",
    "decimal": "number",
    "money": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "select": "choice",
    "multi_select": "choice",
    "reference": "choice",
}
_NOT_ASKED: Final = frozenset({"secret", "file"})


def _named(values: Iterable[str]) -> dict[str, str]:
    return {value: value.capitalize() for value in values}


_RECORD: Final = (
    Field("number", "Customer number", "text", words=True),
    Field("name", "Name", "text", words=True),
    Field("dba_name", "Trading name", "text", words=True),
    Field("kind", "Kind", "choice", choices=_named(KINDS)),
    Field("status", "Status", "choice", choices=_named(STATUSES)),
    Field("lifecycle", "Lifecycle", "choice", choices=_named(LIFECYCLES)),
    Field("created_at", "Created", "datetime"),
    Field("updated_at", "Changed", "datetime"),
    Field("city", "City", "text", ("main_address", "city"), words=True),
    Field("postal_code", "Postal code", "text", ("main_address", "postal_code")),
    Field("country", "Country", "text", ("main_address", "country")),
)
_CONTACT: Final = (
    Field("contact.name", "Contact: name", "text", ("name",), related="contacts"),
    Field("contact.title", "Contact: title", "text", ("title",), related="contacts"),
    Field("contact.department", "Contact: department", "text", ("department",), related="contacts"),
    Field("contact.email", "Contact: e-mail", "text", ("emails",), many=True, related="contacts"),
    Field("contact.phone", "Contact: telephone", "text", ("phones",), many=True, related="contacts"),
    Field("contact.role", "Contact: role", "choice", ("roles",), many=True, related="contacts"),
)
_ADDRESS: Final = (
    Field("address.city", "Address: city", "text", ("city",), related="addresses"),
    Field("address.region", "Address: region", "text", ("region",), related="addresses"),
    Field("address.postal_code", "Address: postal code", "text", ("postal_code",), related="addresses"),
    Field("address.country", "Address: country", "text", ("country",), related="addresses"),
    Field("address.purpose", "Address: purpose", "choice", ("purposes",), True, "addresses", PURPOSE_LABELS),
)
_PROPERTY: Final = (
    Field("property.number", "Property: number", "text", ("number",), related="properties"),
    Field("property.name", "Property: name", "text", ("name",), related="properties"),
    Field(
        "property.kind", "Property: kind", "choice", ("kind",), related="properties", choices=_named(properties.KINDS)
    ),
    Field("property.city", "Property: city", "text", ("city",), related="properties"),
    Field("property.country", "Property: country", "text", ("country",), related="properties"),
    Field("property.role", "Property: role", "choice", ("role",), False, "properties", _named(ROLES)),
)
_SYSTEM: Final = (
    Field("system.name", "System: name", "text", ("name",), related="systems"),
    Field("system.status", "System: status", "choice", ("status",), False, "systems", _named(systems.STATUSES)),
)


def fields(offered: Offered) -> Fields:
    """All fields of a customer. Aggregates (`agg.*`) join here when a service feeds them."""
    return Fields(
        [
            *_RECORD,
            *(_custom(definition) for definition in _asked(offered.custom_fields)),
            *_classified(offered),
            *_CONTACT,
            *(_custom(definition, "contact.", "contacts") for definition in _asked(offered.contact_fields)),
            *_ADDRESS,
            *_PROPERTY,
            *_SYSTEM,
            Field("system.type", "System: type", "choice", ("type_id",), False, "systems", offered.system_types),
        ]
    )


def segment_field(segment_id: str, name: str) -> Field:
    """Whether a customer is a member of one segment."""
    return Field(f"segment:{segment_id}", f"Segment {name}", "boolean", ("in_segment", segment_id), default=False)


def segments_of(names: Iterable[str]) -> set[str]:
    """The segments that the fields of a rule speak of, where it names them one by one."""
    return {name.removeprefix("segment:") for name in names if name.startswith("segment:")}


def _classified(offered: Offered) -> list[Field]:
    named = [segment_field(segment_id, name) for segment_id, name in (offered.segments or {}).items()]
    return [
        Field("tag", "Tag", "choice", ("tag_ids",), many=True, choices=offered.tags),
        Field("group", "Customer group", "choice", ("group_id",), choices=offered.groups),
        Field("location_group", "Location group", "choice", many=True, choices=offered.location_groups),
        Field("segment", "Segment", "choice", ("segments",), many=True, choices=offered.segments),
        *named,
    ]


def _asked(definitions: Iterable[CustomField]) -> list[CustomField]:
    return [definition for definition in definitions if definition.kind not in _NOT_ASKED]


def _custom(definition: CustomField, prefix: str = "", related: str = "") -> Field:
    return Field(
        f"{prefix}cf.{definition.key}",
        definition.label,
        _TYPES.get(definition.kind, "text"),
        ("custom_fields", definition.key, *(("amount",) if definition.kind == "money" else ())),
        many=definition.kind == "multi_select",
        related=related,
        choices=definition.choices,
    )


def main_address(addresses: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The address under which a customer is listed: a default before others, the legal one before that for billing,
    the older before the newer."""
    purposes = list(PURPOSE_LABELS)

    def rank(address: Mapping[str, Any]) -> tuple[int, str]:
        places = [purposes.index(purpose) for purpose in address["default_for"]]
        others = [purposes.index(purpose) + len(purposes) for purpose in address["purposes"]]
        return min([*places, *others], default=2 * len(purposes)), address["id"]

    return min(addresses, key=rank, default=None)
