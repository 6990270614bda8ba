"""What an edit changed: one entry per field with the value before and after."""

from collections.abc import Mapping
from typing import Any

Change = dict[str, Any]


def changes(before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]) -> list[Change]:
    """One entry for each of the labelled fields whose value differs."""
    return [
        {"path": path, "label": label, "before": before[path], "after": after[path]}
        for path, label in labels.items()
        if before[path] != after[path]
    ]
