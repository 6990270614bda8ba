"""The tags of a customer: what an edit of them changed, with the names frozen as they were."""

from collections.abc import Mapping, Sequence
from typing import Final

from customer.domain.changes import Change

TAG_LABELS: Final = {
    "name": "Name",
    "colour": "Colour",
    "description": "Description",
    "archived": "Archived",
    "merged_into": "Merged into",
}
DEFAULT_COLOUR: Final = "#6b7280"


def tags_change(before: Sequence[str], after: Sequence[str], names: Mapping[str, str]) -> Change:
    """The change of the tags of a customer: their ids, and beside them their names."""
    return {
        "path": "tags",
        "label": "Tags",
        "before": list(before),
        "after": list(after),
        "before_label": _named(before, names),
        "after_label": _named(after, names),
    }


def replaced(present: Sequence[str], instead: Mapping[str, str]) -> list[str]:
    """The tags with others in their place, each once."""
    return list(dict.fromkeys(instead.get(tag_id, tag_id) for tag_id in present))


def _named(tag_ids: Sequence[str], names: Mapping[str, str]) -> str | None:
    return ", ".join(sorted(names.get(tag_id, "") for tag_id in tag_ids)) or None
