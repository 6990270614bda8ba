"""Whether a schema may follow another one within a major version: only optional additions may.

Two readers are protected: a consumer that was written for the old schema and reads new events, and a replay that sends
old events through the new schema.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_MAY_ONLY_FALL = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MAY_ONLY_RISE = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_MUST_STAY = ("const", "pattern", "format", "multipleOf", "uniqueItems", "x-personal")
_CHOICES = ("anyOf", "oneOf", "allOf")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Every reason why `new` may not replace `old`, each with the place in the schema; none where it may."""
    return list(_breaks(old, new, old, new, ""))


def _breaks(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    yield from _of_types(old, new, place)
    yield from _of_limits(old, new, place)
    yield from _of_properties(old, new, old_root, new_root, place)
    if isinstance(old.get("items"), Mapping):
        if isinstance(new.get("items"), Mapping):
            yield from _breaks(old["items"], new["items"], old_root, new_root, f"{place}/[]")
        else:
            yield f"{place}/[]: items are no longer described"
    for keyword in _CHOICES:
        yield from _of_choices(old.get(keyword, []), new.get(keyword, []), old_root, new_root, f"{place}/{keyword}")


def _of_types(old: Schema, new: Schema, place: str) -> Iterator[str]:
    before, after = _types(old), _types(new)
    if before != after and (before or after):
        yield f"{place or '/'}: the type changed from {_told(before)} to {_told(after)}"
    if "enum" in new:
        missing = [value for value in old.get("enum", ["anything"]) if value not in new["enum"]]
        if missing:
            yield f"{place or '/'}: no longer allowed: {', '.join(map(str, missing))}"
    elif "enum" in old:
        yield f"{place or '/'}: the list of values was dropped"


def _of_limits(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for keyword in _MAY_ONLY_FALL:
        if keyword in new and new[keyword] > old.get(keyword, float("-inf")):
            yield f"{place or '/'}: {keyword} is stricter"
    for keyword in _MAY_ONLY_RISE:
        if keyword in new and new[keyword] < old.get(keyword, float("inf")):
            yield f"{place or '/'}: {keyword} is stricter"
    for keyword in _MUST_STAY:
        if old.get(keyword) != new.get(keyword) and not (keyword == "x-personal" and keyword not in old):
            yield f"{place or '/'}: {keyword} changed"


def _of_properties(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, schema in before.items():
        if name in after:
            yield from _breaks(schema, after[name], old_root, new_root, f"{place}/{name}")
        else:
            yield f"{place}/{name}: was removed"
    was, now = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(now - was):
        yield f"{place}/{name}: became required"
    for name in sorted(was - now):
        yield f"{place}/{name}: is no longer always there"
    if new.get("additionalProperties") is False and old.get("additionalProperties", True) is not False:
        yield f"{place or '/'}: further properties are refused now"
    others_before, others_now = old.get("additionalProperties"), new.get("additionalProperties")
    if isinstance(others_before, Mapping) and isinstance(others_now, Mapping):
        yield from _breaks(others_before, others_now, old_root, new_root, f"{place}/*")


def _of_choices(old: list[Schema], new: list[Schema], old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    if len(old) != len(new):
        yield f"{place}: has {len(new)} alternatives instead of {len(old)}"
        return
    for position, (before, after) in enumerate(zip(old, new, strict=True)):
        yield from _breaks(before, after, old_root, new_root, f"{place}/{position}")


def _types(schema: Schema) -> frozenset[str]:
    named = schema.get("type", [])
    return frozenset([named] if isinstance(named, str) else named)


def _told(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "anything"


def _resolved(schema: Schema, root: Schema) -> Schema:
    # A schema may refer to its own definitions; nothing else is referred to.
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema
