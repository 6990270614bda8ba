"""What the definition of a field may say: which settings each type takes, and how a definition may change later."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from common.errors import FieldError
from customer.domain.fields.patterns import PatternRefused, check_pattern
from customer.domain.fields.values import MAX_LONG_TEXT, MAX_SECRET, MAX_TEXT, Checks, Field, Wrong, read, widened
from customer.errors.custom_fields import DefinitionInvalid

APPLIES_TO: Final = ("customer", "contact", "property")
PORTAL: Final = ("none", "view")
REFERENCES: Final = ("customer", "contact")
MAX_FIELDS: Final = 200
MAX_INDEXED: Final = 40
MAX_OPTIONS: Final = 200
# A pattern is matched against short texts only, so that its work has a bound.
LONGEST_MATCHED: Final = 100
MAX_MATCHED: Final = 200

_BOUNDS = ("min", "max")
_LENGTHS = ("min_length", "max_length")
_PATTERN = ("pattern", "pattern_message")
# What each type takes besides what all take.
SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (*_LENGTHS, *_PATTERN, "unique", "default", "facet"),
    "long_text": (*_LENGTHS, "default"),
    "integer": (*_BOUNDS, "unique", "default", "facet"),
    "decimal": (*_BOUNDS, "decimals", "unique", "default"),
    "money": (*_BOUNDS, "default"),
    "boolean": ("default", "facet"),
    "date": (*_BOUNDS, "default"),
    "datetime": (*_BOUNDS, "default"),
    "select": ("options", "default", "facet"),
    "multi_select": ("options", "default", "facet"),
    "url": ("unique", "default"),
    "email": ("unique", "default"),
    "phone": ("unique", "default"),
    "country": ("default", "facet"),
    "reference": ("to",),
    "auto_number": ("prefix", "digits"),
    "secret": (*_LENGTHS, *_PATTERN),
}
TYPES: Final = tuple(kind for kind in SETTINGS if kind != "secret")
SYSTEM_TYPES: Final = tuple(kind for kind in SETTINGS if kind != "auto_number")
WIDENINGS: Final = {
    ("integer", "decimal"),
    ("text", "long_text"),
    ("select", "multi_select"),
    ("date", "datetime"),
}

_COMMON: Final[Mapping[str, Any]] = {
    "help": None,
    "section": None,
    "order": 0,
    "required": False,
    "personal": False,
    "portal": "none",
    "condition": None,
}
_START: Final[Mapping[str, Any]] = {"unique": False, "facet": False, "to": "customer", "prefix": "", "digits": 5}
_ALL = tuple(dict.fromkeys(setting for settings in SETTINGS.values() for setting in settings))

LABELS: Final = {
    "label": "Label",
    "help": "Help",
    "type": "Type",
    "section": "Section",
    "order": "Order",
    "required": "Required",
    "unique": "Unique",
    "default": "Default",
    "min": "Least value",
    "max": "Greatest value",
    "min_length": "Least length",
    "max_length": "Greatest length",
    "pattern": "Pattern",
    "pattern_message": "Message of the pattern",
    "decimals": "Decimals",
    "options": "Options",
    "portal": "In the portal",
    "personal": "Personal",
    "facet": "Facet",
    "condition": "Condition",
    "archived": "Archived",
}


def define(body: Mapping[str, Any], checks: Checks, pointer: str = "") -> dict[str, Any]:
    """A definition in full, its values in their usual form; settings that its type does not take must be left out.
    Raises DefinitionInvalid with a JSON pointer for each wrong one."""
    kind = body["type"]
    taken = SETTINGS[kind]
    problems = [
        FieldError(f"{pointer}/{name}", f"A field of type {kind} has no such setting.")
        for name in _ALL
        if name not in taken and body.get(name) not in (None, False, [])
    ]
    field: dict[str, Any] = {"label": body["label"], "type": kind}
    field |= {name: body.get(name, start) for name, start in _COMMON.items()}
    field |= {name: body[name] if body.get(name) is not None else _START.get(name) for name in taken}
    if kind in {"secret", "auto_number"} and field["required"]:
        problems.append(FieldError(f"{pointer}/required", f"A field of type {kind} cannot be required."))
    if field.get("unique") and field.get("default") is not None:
        problems.append(FieldError(f"{pointer}/default", "Every new record would have the same value."))
    _check_options(field, pointer, problems)
    _check_lengths(field, pointer, problems)
    if not problems:
        _check_values(field, checks, pointer, problems)
    if problems:
        raise DefinitionInvalid(f"The definition of {body['label']} is not right; see `errors`.", errors=problems)
    return field


def redefine(before: Field, changes: Mapping[str, Any], checks: Checks, pointer: str = "") -> dict[str, Any]:
    """A definition after a change. A type only widens, a field never becomes unique later (its values were never
    compared), and options that are left out are archived, because records hold them. Raises DefinitionInvalid."""
    kind = changes.get("type", before["type"])
    if kind != before["type"] and (before["type"], kind) not in WIDENINGS:
        wider = [wide for narrow, wide in sorted(WIDENINGS) if narrow == before["type"]]
        can = f"can only become {wider[0]}" if wider else "keeps its type"
        raise _invalid(before, f"{pointer}/type", f"A field of type {before['type']} {can}; make a new field instead.")
    if changes.get("unique") and not before.get("unique"):
        raise _invalid(before, f"{pointer}/unique", "Only a new field can be unique; make a new one.")
    kept = {name: before[name] for name in before if name in {*_COMMON, *SETTINGS[kind], "label"}}
    if kind != before["type"]:
        for name in ("min", "max", "default"):
            if kept.get(name) is not None:
                kept[name] = widened({"type": kind}, kept[name])
    merged = kept | dict(changes) | {"type": kind}
    if "options" in changes and before.get("options"):
        merged["options"] = _with_archived(before["options"], changes["options"] or ())
    return define(merged, checks, pointer)


def is_indexed(field: Field) -> bool:
    """Whether a field costs an index: it is unique, or counted as a facet."""
    return bool(field.get("unique") or field.get("facet"))


def _with_archived(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    named = {option["id"] for option in after}
    return [*map(dict, after), *(dict(option) | {"archived": True} for option in before if option["id"] not in named)]


def _check_options(field: dict[str, Any], pointer: str, problems: list[FieldError]) -> None:
    if "options" not in field:
        return
    options = field["options"] or []
    if not options:
        problems.append(FieldError(f"{pointer}/options", "Needs at least one option."))
    if len(options) > MAX_OPTIONS:
        problems.append(FieldError(f"{pointer}/options", f"At most {MAX_OPTIONS} options, with those archived."))
    seen: set[str] = set()
    for place, option in enumerate(options):
        if option["id"] in seen:
            problems.append(FieldError(f"{pointer}/options/{place}/id", "Comes twice."))
        seen.add(option["id"])
    field["options"] = [{"colour": None, "archived": False} | dict(option) for option in options]


def _check_lengths(field: dict[str, Any], pointer: str, problems: list[FieldError]) -> None:
    most = {"text": MAX_TEXT, "long_text": MAX_LONG_TEXT, "secret": MAX_SECRET}.get(field["type"])
    if most is None:
        return
    pattern = field.get("pattern")
    if pattern:
        most = MAX_MATCHED
        field["max_length"] = field["max_length"] or LONGEST_MATCHED
    elif field.get("pattern_message"):
        problems.append(FieldError(f"{pointer}/pattern_message", "There is no pattern that it could explain."))
    if field["max_length"] is not None and field["max_length"] > most:
        with_pattern = " where there is a pattern" if pattern else ""
        problems.append(FieldError(f"{pointer}/max_length", f"May be at most {most}{with_pattern}."))
    elif (field["min_length"] or 0) > (field["max_length"] or most):
        problems.append(FieldError(f"{pointer}/min_length", "Is more than the greatest length."))
    elif pattern:
        try:
            check_pattern(pattern, field["max_length"])
        except PatternRefused as refused:
            problems.append(FieldError(f"{pointer}/pattern", str(refused)))


def _check_values(field: dict[str, Any], checks: Checks, pointer: str, problems: list[FieldError]) -> None:
    """Bounds and default must be values of the field themselves."""
    bare = {**field, "min": None, "max": None}
    for name in ("min", "max", "default"):
        if field.get(name) is None or problems:
            continue
        value, like = field[name], field if name == "default" else bare
        if name != "default" and field["type"] == "money":
            like = {"type": "decimal", "decimals": 4}
        try:
            field[name] = read(like, value, checks)
        except Wrong as wrong:
            problems.append(FieldError(f"{pointer}/{name}", str(wrong)))
    if not problems and None not in (field.get("min"), field.get("max")):
        like = {"type": "decimal" if field["type"] == "money" else field["type"], "min": field["min"]}
        try:
            read(like, field["max"], checks)
        except Wrong:
            problems.append(FieldError(f"{pointer}/max", "Is less than the least value."))


def _invalid(field: Field, pointer: str, detail: str) -> DefinitionInvalid:
    return DefinitionInvalid(f"{field['label']}: {detail}", errors=[FieldError(pointer, detail)])
