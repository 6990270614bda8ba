"""What the sections of the 360° document hold, as plain data, taken from the events' state."""

from collections.abc import Mapping, Sequence
from typing import Any

from overview.domain.nouns import SECTIONS as OF_NOUNS

MAX_PEOPLE = 50  # contacts, addresses and users shown at once; the counts tell the rest
TIMELINE_ENTRIES = 20

# Which service's events each section is built from.
SECTIONS = {
    "customer": "customer",
    "contacts": "customer",
    "addresses": "customer",
    "portal_settings": "portal-settings",
    "access": "identity",
    **{name: noun.service for name, noun in OF_NOUNS.items()},
}
SERVICES = tuple(dict.fromkeys(SECTIONS.values()))

_AT = ("created_at", "updated_at")
_PURPOSES = ("legal", "billing", "site", "ship_to")  # whose default is the place a customer is listed under


# What the company sees of its own record, and what only the provider's staff does.
_SHOWN = ("id", "number", "kind", "status", "name", "dba_name", "parent_id", "primary_contact_id", *_AT)
_INTERNAL = ("group_id", "external_ids", "archive", "lifecycle", "tag_ids", "custom_fields", "merged_into", "path_ids")


def customer(data: Mapping[str, Any]) -> dict[str, Any]:
    """The section `customer`."""
    return {name: data.get(name) for name in (*_SHOWN, *_INTERNAL)}


def portal_customer(data: Mapping[str, Any]) -> dict[str, Any]:
    """The section `customer` as its own people see it."""
    return {name: data[name] for name in _SHOWN}


def contact(data: Mapping[str, Any]) -> dict[str, Any]:
    """One of the section `contacts`."""
    shown = {name: data[name] for name in ("id", "name", "title", "department", "emails", "phones", "roles")}
    return shown | {"default_for": data.get("default_for", [])}


def contact_card(data: Mapping[str, Any]) -> dict[str, Any]:
    """A primary contact as the directory shows it."""
    return {
        "id": data["id"],
        "name": data["name"],
        "email": _first(data["emails"], "address"),
        "phone": _first(data["phones"], "number"),
    }


def address(data: Mapping[str, Any]) -> dict[str, Any]:
    """One of the section `addresses`."""
    fields = ("id", "purposes", "line1", "line2", "city", "region", "postal_code", "country")
    return {name: data[name] for name in fields}


def address_rank(purposes: Sequence[Mapping[str, Any]]) -> int:
    """The order of addresses; the lowest is the place a customer is listed under."""
    ranks = [
        _PURPOSES.index(purpose["purpose"]) + (0 if purpose["default"] else len(_PURPOSES))
        for purpose in purposes
        if purpose["purpose"] in _PURPOSES
    ]
    return min(ranks, default=2 * len(_PURPOSES))


def access(data: Mapping[str, Any]) -> dict[str, Any]:
    """The section `access`: the customer's own login, its people's, and people of other customers with roles here."""
    users, guests = data["users"], data.get("guests", [])
    return {
        "login": data["login"],
        "users": users[:MAX_PEOPLE],
        "user_count": len(users),
        "guests": guests[:MAX_PEOPLE],
        "accepted_parent_id": data.get("accepted_parent_id"),
    }


def _first(entries: Sequence[Mapping[str, Any]], name: str) -> Any:
    default = next((entry for entry in entries if entry["default"]), None)
    chosen = default or (entries[0] if entries else None)
    return chosen[name] if chosen else None
