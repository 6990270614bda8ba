"""What is left of a timeline entry when a person is erased: its structure, kind of actor and time."""

from collections.abc import Collection, Mapping
from typing import Any

MARKER = "[erased]"

_VALUES = ("before", "after", "before_label", "after_label")
_LABELS = (("before", "before_label"), ("after", "after_label"))

Body = Mapping[str, Any]


def redacted(body: Body, ids: Collection[str], *, everything: bool) -> Body:
    """The entry without what it says of the erased ids: all its values where it is about one of them, or where
    `everything` is erased; otherwise the labels that refer to one. The same object where nothing changes."""
    whole = everything or body["subject"]["id"] in ids
    after = {
        **body,
        "changes": [_change(change, ids, whole) for change in body["changes"]],
        "actor": _named(body["actor"], body["actor"]["type"] == "portal" and body["actor"]["id"] in ids),
        "subject": _named(body["subject"], whole),
    }
    if whole and body.get("text"):
        after["text"] = MARKER
    return body if after == body else after


def _change(change: Body, ids: Collection[str], whole: bool) -> Body:
    if whole or not set(ids).isdisjoint(str(change["path"]).split("/")):
        values = {name: MARKER for name in _VALUES if change.get(name) not in (None, "", [], {})}
        # Where a path names the erased one, so does its label.
        label = {} if whole or not values else {"label": MARKER}
        return {**change, **values, **label}
    values = {label: MARKER for side, label in _LABELS if _is_one_of(change.get(side), ids) and change.get(label)}
    return {**change, **values}


def _named(thing: Body, erased: bool) -> Body:
    return {**thing, "label": MARKER} if erased and thing.get("label") else thing


def _is_one_of(value: Any, ids: Collection[str]) -> bool:
    return isinstance(value, str) and value in ids
