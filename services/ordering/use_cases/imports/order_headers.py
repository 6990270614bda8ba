"""What a row of a file of orders says of the order itself: its days, its numbers, a note, and where it goes."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from common.importing.countries import code_of
from common.importing.rows import Row, RowRefused

LABELS: Mapping[str, str] = {
    "po_number": "Purchase order number",
    "ordered_on": "Ordered on",
    "requested_on": "Wanted on",
    "note": "Note",
    "ship_to": "Ship to",
}
_PLAIN = ("po_number", "ordered_on", "requested_on", "note")
# The parts of an address by the fields of a row; the first and the last two are what every address has.
_PARTS: Mapping[str, str] = {
    "ship_street": "line1",
    "ship_name": "name",
    "ship_region": "region",
    "ship_postal_code": "postal_code",
    "ship_city": "city",
    "ship_country": "country",
}
_NEEDED = ("ship_street", "ship_city", "ship_country")


def country(**options: Any) -> fields.Function:
    """A country by its code or its name, as DE or Germany."""

    def read(cell: str) -> str:
        code = code_of(cell)
        if code is None:
            raise ValidationError(f"{cell} is no country; write it as DE or Germany.")
        return code

    return fields.Function(deserialize=read, **options)


def header_of(row: Row, order: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a row says of its order and the order does not say yet; raises RowRefused."""
    told = {name: row.values[name] for name in _PLAIN if row.values.get(name) is not None}
    address = _address(row, (order or {}).get("ship_to"))
    if address is not None:
        told["ship_to"] = address
    return {name: value for name, value in told.items() if order is None or order[name] != value}


def _address(row: Row, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    given = {part: row.values[name] for name, part in _PARTS.items() if row.values.get(name) is not None}
    if not given:
        return None
    blank = dict.fromkeys(("name", "line1", "line2", "city", "region", "postal_code", "country"))
    address = blank | dict(before or {}) | given
    lacking = [name for name in _NEEDED if not address[_PARTS[name]]]
    if lacking:
        raise RowRefused(lacking[0], f"An address needs {' and '.join(lacking)}, which the row leaves empty.")
    return address
