"""Marks of a customer: what filters and facets count, each a facet's name and one of its values (`tag:7`).

Those of the customer itself are here; others come from what belongs to it, by the declaration of its noun.
"""

from collections.abc import Iterable, Mapping
from typing import Any

# The facets of marks that only the provider's staff sees: how it classes its customers.
NAMES = ("tag", "segment", "location_group", "system_type", "lifecycle", "payment_method", "to_deliver")
DELIVERED = "delivered:goods"  # of a customer that has goods or services from us
CUSTOM = "cf."  # what the facets of custom fields begin with

_LONGEST = 64  # longer values are prose: nobody chooses them from a list


def of_customer(data: Mapping[str, Any]) -> list[str]:
    """The marks that a customer's own event carries. A custom field gives one for each short value."""
    found = [f"tag:{tag_id}" for tag_id in data.get("tag_ids") or ()]
    found.append(f"lifecycle:{data.get('lifecycle') or 'customer'}")
    for key, value in (data.get("custom_fields") or {}).items():
        found += [f"{CUSTOM}{key}:{text}" for text in _texts(value)]
    return sorted(set(found))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, int):
        return (str(value),)
    if isinstance(value, str):
        return (value,) if 0 < len(value) <= _LONGEST else ()
    if isinstance(value, list):
        return [text for each in value if not isinstance(each, (list, dict)) for text in _texts(each)]
    return ()
