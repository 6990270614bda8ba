"""What an edit changed: one entry per field with the value before and after."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

Change = dict[str, Any]


def changes(before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]) -> list[Change]:
    """One entry for each of the labelled fields whose value differs, as JSON holds them. A field that names something
    by its id, with what that is called beside it in `<field>_label`, is told with both."""
    found = []
    for name, label in labels.items():
        key, called = (f"{name}_id", f"{name}_label") if f"{name}_label" in after else (name, "")
        if before.get(key) == after[key] and before.get(called) == after.get(called):
            continue
        change = {"path": name, "label": label, "before": _plain(before.get(key)), "after": _plain(after[key])}
        if called:
            change |= {"before_label": before.get(called), "after_label": after[called]}
        found.append(change)
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
