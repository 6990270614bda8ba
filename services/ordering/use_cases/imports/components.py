"""What a listing consists of, in one cell: as JSON, or as `goods|Phone|1|TEL-1; recurring|Rent|1|month`."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from marshmallow import ValidationError, fields

from ordering.domain.listings import COMPONENT_KINDS, LENGTHS, MAX_COMPONENTS, PERIODS

_MOST = 1_000_000
_SHORT = "write kind|name|quantity|SKU or period, with a semicolon between two"


def components(**options: Any) -> fields.Function:
    """The components of a listing; raises ValidationError with what is wrong of which."""

    def read(cell: str) -> list[dict[str, Any]]:
        found = _from_json(cell) if cell.startswith("[") else [_short(part) for part in cell.split(";") if part.strip()]
        if len(found) > MAX_COMPONENTS:
            raise ValidationError(f"has more than {MAX_COMPONENTS} components.")
        return [_checked(place, one) for place, one in enumerate(found, 1)]

    return fields.Function(deserialize=read, **options)


def _from_json(cell: str) -> list[Any]:
    try:
        found = json.loads(cell)
    except ValueError:
        raise ValidationError(f"is no JSON; or {_SHORT}.") from None
    return list(found)


def _short(part: str) -> dict[str, Any]:
    kind, name, quantity, *more = [word.strip() for word in part.split("|")] + ["", ""]
    last = more[0] if more else ""
    rest = {("period" if kind == "recurring" else "sku"): last} if last else {}
    return {"kind": kind, "name": name, "quantity": int(quantity) if quantity.isdecimal() else 1, **rest}


def _checked(place: int, one: Any) -> dict[str, Any]:
    if not isinstance(one, dict) or not {"kind", "name", "quantity"} <= one.keys() <= _KNOWN:
        raise ValidationError(f"component {place} is none; {_SHORT}.")
    wrong = [name for name, fits in _FITS.items() if name in one and not fits(one[name])]
    if wrong:
        raise ValidationError(f"component {place} has a wrong {wrong[0]}; {_SHORT}.")
    if (one["kind"] == "recurring") != ("period" in one):
        raise ValidationError(
            f"component {place}: a recurring charge has a period ({', '.join(PERIODS)}), nothing else."
        )
    return one


def _is_text(value: Any, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= most


_FITS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "kind": lambda value: value in COMPONENT_KINDS,
    "name": lambda value: _is_text(value, LENGTHS["name"]),
    "quantity": lambda value: type(value) is int and 0 < value <= _MOST,
    "sku": lambda value: _is_text(value, LENGTHS["sku"]),
    "period": lambda value: value in PERIODS,
}
_KNOWN = _FITS.keys()
