"""What an export of customers may hold: its columns, named as an import reads them, and how a cell is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from overview.domain.marks import CUSTOM

FORMATS: Final = ("csv", "xlsx", "ndjson")
SHEET_ROWS: Final = 100_000  # a workbook is ready only as a whole; more would outlast the request

Found = Mapping[str, Any]


def _of(part: str, name: str) -> Callable[[Found], Any]:
    return lambda found: found[part].get(name)


def _phone(label: str | None) -> Callable[[Found], Any]:
    def number(found: Found) -> Any:
        phones = found["contact"].get("phones") or ()
        fitting = [phone for phone in phones if (phone["label"] in {"mobile", "fax"}) is (label is not None)]
        chosen = [phone for phone in fitting if label in {None, phone["label"]}]
        return _default(chosen, "number")

    return number


def _default(entries: Iterable[Mapping[str, Any]], name: str) -> Any:
    ordered = sorted(entries, key=lambda entry: not entry["default"])
    return ordered[0][name] if ordered else None


def _external(name: str) -> Callable[[Found], Any]:
    return lambda found: next((one[name] for one in found["customer"].get("external_ids") or ()), None)


COLUMNS: Final[Mapping[str, Callable[[Found], Any]]] = {
    **{name: _of("customer", name) for name in ("number", "name", "dba_name", "kind")},
    "parent_number": lambda found: found["parent_number"],
    "group": lambda found: found["group"],
    "external_system": _external("system"),
    "external_id": _external("id"),
    **{name: _of("address", name) for name in ("line1", "line2", "city", "region", "postal_code", "country")},
    "contact_name": _of("contact", "name"),
    "contact_title": _of("contact", "title"),
    "contact_department": _of("contact", "department"),
    "contact_email": lambda found: _default(found["contact"].get("emails") or (), "address"),
    "contact_phone": _phone(None),
    "contact_mobile": _phone("mobile"),
    "contact_fax": _phone("fax"),
    **{name: _of("customer", name) for name in ("id", "status", "lifecycle")},
    "supply": lambda found: found["supply"],
    "login": lambda found: found["login"],
    "tags": lambda found: found["tags"],
    **{name: _of("customer", name) for name in ("created_at", "updated_at")},
}
USUAL: Final = tuple(name for name in COLUMNS if name not in {"id", "supply", "login"})


def is_column(name: str) -> bool:
    """Whether there is such a column; custom fields are `cf.<key>`."""
    return name in COLUMNS or (name.startswith(CUSTOM) and len(name) > len(CUSTOM))


def values_of(found: Found, columns: Sequence[str]) -> list[Any]:
    """What of a customer stands in the columns."""
    return [
        COLUMNS[name](found)
        if name in COLUMNS
        else (found["customer"].get("custom_fields") or {}).get(name[len(CUSTOM) :])
        for name in columns
    ]


def cell(value: Any) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(each) for each in value)
    if isinstance(value, Mapping):
        return " ".join(cell(each) for each in value.values())
    return str(value)
