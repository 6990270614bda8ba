"""The text form of a directory filter: `city:Berlin,kind:business`, and what each field takes.

Several values of one field mean any of them, several fields mean all of them. A value with a comma or a quote stands in
double quotes, a double quote in it is doubled: `city:"Sainte-Foy, L'Argentière"`.
"""

import re
from collections.abc import Iterable, Mapping

from overview.domain import marks
from overview.domain.folding import fold
from overview.errors import FilterInvalid

PORTAL_FACETS = ("status", "kind", "country", "city", "login", "has")
FACETS = (*PORTAL_FACETS, "group", "supply", *marks.NAMES)
FIELDS = (*FACETS, "parent")
HAS = ("contact", "primary_contact", "email", "phone", "address", "login", "parent", "group")
NONE = "-"  # of `group`, `city`, `country`, `parent` and of what is kept as marks: customers without one

CHOICES = {
    "status": ("active", "archived"),
    "kind": ("business", "person"),
    "login": ("none", "invited", "active", "disabled"),
    "has": HAS,
    "supply": ("delivered", "not_delivered"),
    "lifecycle": ("lead", "prospect", "customer"),
    "to_deliver": ("yes",),
}
_IDS = frozenset(("group", "parent", "tag", "segment", "location_group", "system_type"))
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_PART = re.compile(r'\s*([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?):("(?:[^"]|"")*"|[^,"]*)\s*(?:,|$)')
_MAX_VALUES = 100

Filters = Mapping[str, tuple[str, ...]]


def is_facet(name: str, *, is_portal: bool) -> bool:
    """Whether customers can be counted by it. How the provider classes its customers is not for themselves."""
    if is_portal:
        return name in PORTAL_FACETS
    return name in FACETS or is_custom(name)


def is_custom(name: str) -> bool:
    """Whether it is a custom field of customers: `cf.tier`."""
    return name.startswith(marks.CUSTOM)


def is_mark(name: str) -> bool:
    """Whether it is kept as marks of customers."""
    return name in marks.NAMES or is_custom(name)


def parse(parts: Iterable[str], *, is_portal: bool = False) -> Filters:
    """Reads filters as they stand in the address, one text per `filter=`; raises FilterInvalid. City values come back
    folded, countries in capitals, ids in lower case."""
    found: dict[str, dict[str, None]] = {}
    for text in parts:
        place = 0
        while place < len(text):
            match = _PART.match(text, place)
            if match is None:
                raise FilterInvalid.because(f"Write field:value,field:value; this cannot be read: {text[place:][:60]}")
            field, value = match.group(1), _unquoted(match.group(2))
            found.setdefault(field, {})[_checked(field, value, is_portal=is_portal)] = None
            place = match.end()
    if sum(len(values) for values in found.values()) > _MAX_VALUES:
        raise FilterInvalid.because(f"Use at most {_MAX_VALUES} values at once.")
    return {field: tuple(values) for field, values in sorted(found.items())}


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text.strip()


def _checked(field: str, value: str, *, is_portal: bool) -> str:
    if field != "parent" and not is_facet(field, is_portal=is_portal):
        names = (*PORTAL_FACETS, "parent") if is_portal else (*FIELDS, f"{marks.CUSTOM}<key>")
        raise FilterInvalid.because(f"There is no filter {field[:40]}; there are {', '.join(names)}.")
    if not value:
        raise FilterInvalid.because(f"The filter {field} has no value.")
    choices = CHOICES.get(field)
    if choices is not None and value not in choices and not (value == NONE and is_mark(field)):
        raise FilterInvalid.because(f"{field} is one of {', '.join(choices)}.")
    if field in _IDS:
        value = value.lower()
        if value != NONE and not _UUID.match(value):
            raise FilterInvalid.because(f"{field} takes an id, or {NONE}.")
    if field == "country" and value != NONE:
        value = value.upper()
    return fold(value) if field == "city" else value
