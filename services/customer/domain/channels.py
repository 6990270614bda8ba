"""The e-mail addresses and telephone numbers of a contact: several, each labelled, exactly one the default."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from common.errors import FieldError
from customer.errors import Unsuitable

Channel = dict[str, Any]
Value = Literal["address", "number"]

DEFAULT_LABEL = "work"


def channels(entries: Sequence[Mapping[str, Any]], value: Value, pointer: str) -> list[Channel]:
    """The entries in full: a label each, and the first as the default where none is named. Raises Unsuitable where two
    are the default or the same value comes twice; `pointer` names the list for the person."""
    defaults = [place for place, entry in enumerate(entries) if entry.get("default")]
    if len(defaults) > 1:
        raise Unsuitable(
            "Only one entry of the list can be the default.",
            errors=[FieldError(f"{pointer}/{place}/default", "Only one can be the default.") for place in defaults[1:]],
        )
    default = defaults[0] if defaults else 0
    seen: set[str] = set()
    result: list[Channel] = []
    for place, entry in enumerate(entries):
        key = entry[value].casefold()
        if key in seen:
            raise Unsuitable(
                "The same entry comes twice in the list.",
                errors=[FieldError(f"{pointer}/{place}/{value}", "Is in the list already.")],
            )
        seen.add(key)
        result.append({"label": entry.get("label") or DEFAULT_LABEL, value: entry[value], "default": place == default})
    return result


def without_channel(entries: Sequence[Channel], label: str) -> list[Channel]:
    """The entries without those labelled `label`; where the default goes, the first of the others takes its place."""
    kept = [entry for entry in entries if entry["label"] != label]
    if kept and not any(entry["default"] for entry in kept):
        kept[0] = kept[0] | {"default": True}
    return kept


def with_channel(entries: Sequence[Channel], value: Value, label: str, text: str) -> list[Channel]:
    """The entries with `text` as the one labelled `label`: replaced where the label is there, else added at the end."""
    if any(entry[value].casefold() == text.casefold() for entry in entries):
        return list(entries)
    replaced = [entry | {value: text} if entry["label"] == label else entry for entry in entries]
    if replaced != list(entries):
        return replaced
    return [*entries, {"label": label, value: text, "default": not entries}]
