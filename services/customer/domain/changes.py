"""What an edit changed: one entry per field with the value before and after, as the timeline shows it."""

from collections.abc import Mapping
from typing import Any

Change = dict[str, Any]

CUSTOMER_LABELS = {
    "number": "Number",
    "kind": "Kind",
    "status": "Status",
    "lifecycle": "Lifecycle",
    "name": "Name",
    "dba_name": "Trading name",
    "external_ids": "External ids",
}
CONTACT_LABELS = {
    "name": "Name",
    "title": "Title",
    "department": "Department",
    "emails": "E-mail addresses",
    "phones": "Telephone numbers",
    "roles": "Roles",
    "default_for": "Default for",
}
ADDRESS_LABELS = {
    "line1": "Address",
    "line2": "Address, second line",
    "city": "City",
    "region": "State or region",
    "postal_code": "Postal code",
    "country": "Country",
    "purposes": "Purposes",
}
GROUP_LABELS = {"name": "Name"}


def changes(before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]) -> list[Change]:
    """One entry for each of the labelled fields whose value differs."""
    return [
        {"path": path, "label": label, "before": before[path], "after": after[path]}
        for path, label in labels.items()
        if before[path] != after[path]
    ]


def reference_change(
    path: str, label: str, before: tuple[str | None, str | None], after: tuple[str | None, str | None]
) -> Change:
    """The change of a reference to another record: each side is its id and its name, frozen as it is now."""
    return {
        "path": path,
        "label": label,
        "before": before[0],
        "after": after[0],
        "before_label": before[1],
        "after_label": after[1],
    }
