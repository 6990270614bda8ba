"""One value of a field: what may arrive for each type, and the one form in which it is kept.

Numbers arrive as JSON numbers or as text of decimal digits; dates and moments as ISO 8601 writes them. A decimal is
kept as text, so that nobody rounds it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from customer.domain.fields.patterns import compiled

Field = Mapping[str, Any]

MAX_TEXT: Final = 500
MAX_LONG_TEXT: Final = 10_000
MAX_SECRET: Final = 4_000
MAX_URL: Final = 2_000
MAX_CHOICES: Final = 50
MAX_DECIMALS: Final = 6

# Fifteen digits are what every reader of JSON holds exactly.
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d{2}:\d{2})")
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]{1,64}@[^@\s<>\"',;:\\]+\.[^@\s<>\"',;:\\.]{2,}")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BREAKS = re.compile("[\t\r\n\x85\u2028\u2029]")


class Wrong(ValueError):
    """The value does not fit its field; the text says what would, and never repeats the value."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What takes a library to know: each gives the usual form of a text, or None where it is no such thing."""

    country: Callable[[str], str | None]
    currency: Callable[[str], str | None]
    phone: Callable[[str], str | None]


def read(field: Field, value: Any, checks: Checks, present: Any = None) -> Any:
    """The value as it is kept; raises Wrong. `present` is what is kept now: an archived option stays where it is."""
    kind = field["type"]
    if kind in _PLAIN:
        return _in_range(field, _PLAIN[kind](field, value))
    if kind in _CHECKED:
        return _CHECKED[kind](checks, value)
    if kind == "money":
        return _money(field, value, checks)
    if kind == "select":
        return _choice(field, value, {present})
    if kind == "multi_select":
        return _choices(field, value, present)
    raise Wrong("Is given by itself and cannot be set." if kind == "auto_number" else "Cannot be set here.")


def read_secret(field: Field, value: Any) -> str:
    """A secret as it is sealed: whole, with its spaces; raises Wrong, which never tells anything of the value."""
    if not isinstance(value, str) or not value:
        raise Wrong("Must be text that is not empty.")
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Wrong("Holds characters that cannot be stored.")
    _check_length(field, value, MAX_SECRET)
    _check_pattern(field, value)
    return value


def widened(field: Field, value: Any) -> Any:
    """A value that was kept before its field was widened, in the form of today's type; others stay as they are."""
    kind = field["type"]
    if kind == "decimal" and isinstance(value, int):
        return str(value)
    if kind == "multi_select" and isinstance(value, str):
        return [value]
    if kind == "datetime" and isinstance(value, str) and _DATE.fullmatch(value):
        return f"{value}T00:00:00Z"
    return value


def comparable(field: Field, value: Any) -> str:
    """A value in the form in which a unique field compares: without case, width and superfluous spaces or zeros."""
    if isinstance(value, str) and field["type"] not in {"decimal", "integer"}:
        return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return format(Decimal(str(value)).normalize(), "f")


def labels(field: Field, value: Any, names: Mapping[str, str]) -> str | None:
    """What a person calls a value that is kept as an id: options and references by name; else None."""
    if value is None:
        return None
    if field["type"] in {"select", "multi_select"}:
        known = {option["id"]: option["label"] for option in field["options"]}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(str(known.get(option, option)) for option in chosen)
    return names.get(value) if field["type"] == "reference" else None


def _text(field: Field, value: Any) -> str:
    text = _clean(value)
    if _BREAKS.search(text):
        raise Wrong("Must be one line.")
    _check_length(field, text, MAX_TEXT)
    _check_pattern(field, text)
    return text


def _long_text(field: Field, value: Any) -> str:
    text = _clean(value)
    _check_length(field, text, MAX_LONG_TEXT)
    return text


def _clean(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("Must be text.")
    if _UNSTORABLE.search(value):
        raise Wrong("Holds characters that cannot be stored.")
    return value.strip()


def _check_length(field: Field, text: str, most: int) -> None:
    least, most = field.get("min_length") or 0, field.get("max_length") or most
    if not least <= len(text) <= most:
        asked = f"{least} to {most}" if least else f"at most {most}"
        raise Wrong(f"Must have {asked} characters.")


def _check_pattern(field: Field, text: str) -> None:
    pattern = field.get("pattern")
    if pattern and not compiled(pattern).fullmatch(text):
        raise Wrong(field.get("pattern_message") or f"Must match {pattern}.")


def _number(value: Any, decimals: int) -> Decimal:
    """A decimal number of at most 15 digits before and `decimals` after the point; raises Wrong."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong("Must be a number.")
    small = isinstance(value, str) or abs(value) < 10**15
    text = value.strip() if isinstance(value, str) else format(Decimal(str(value)), "f") if small else ""
    if not _NUMBER.fullmatch(text):
        raise Wrong("Must be a number of digits with a point, as in 1250.5, of at most 15 digits before the point.")
    number = Decimal(text)
    if number != round(number, decimals):
        raise Wrong(f"Must have at most {decimals} digits after the point.")
    return number


def _integer(_field: Field, value: Any) -> int:
    number = _number(value, MAX_DECIMALS)
    if number != number.to_integral_value():
        raise Wrong("Must be a whole number.")
    return int(number)


def _decimal(field: Field, value: Any) -> str:
    decimals = field.get("decimals")
    number = _number(value, MAX_DECIMALS if decimals is None else decimals)
    return format(number if number else abs(number), "f")


def _boolean(_field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("Must be true or false.")
    return value


def _date(_field: Field, value: Any) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise Wrong("Must be a date as in 2026-03-02.")
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError as error:
        raise Wrong("Is no day of the calendar.") from error


def _moment(_field: Field, value: Any) -> str:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value.strip()):
        raise Wrong("Must be a moment with its offset, as in 2026-03-02T09:30:00Z.")
    try:
        at = datetime.fromisoformat(value.strip().upper().replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Wrong("Is no moment of the calendar.") from error
    return at.isoformat().replace("+00:00", "Z")


def _url(_field: Field, value: Any) -> str:
    text = _clean(value)
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        fits = False
    if not fits or len(text) > MAX_URL:
        raise Wrong(f"Must be an address as in https://example.org/page, of at most {MAX_URL} characters.")
    return text


def _email(_field: Field, value: Any) -> str:
    text = _clean(value)
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise Wrong("Is not an e-mail address.")
    return text


def _reference(_field: Field, value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError) as error:
        raise Wrong("Must be the id of a record.") from error


def _phone(checks: Checks, value: Any) -> str:
    number = checks.phone(_clean(value)[:100])
    if number is None:
        raise Wrong("Must be a telephone number with its country, as in +49 30 901820.")
    return number


def _country(checks: Checks, value: Any) -> str:
    code = checks.country(_clean(value))
    if code is None:
        raise Wrong("Is no country; send its ISO 3166-1 code of two letters, as in DE.")
    return code


def _money(field: Field, value: Any, checks: Checks) -> dict[str, str]:
    if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
        raise Wrong('Must be an amount with its currency, as in {"amount": "12.30", "currency": "EUR"}.')
    amount = _decimal({"decimals": 4}, value["amount"])
    currency = checks.currency(_clean(value["currency"]))
    if currency is None:
        raise Wrong("Has no currency of ISO 4217, as EUR is one.")
    _in_range(field, amount)
    return {"amount": amount, "currency": currency}


def _choice(field: Field, value: Any, present: set[Any]) -> str:
    for option in field["options"]:
        if option["id"] == value and (not option["archived"] or value in present):
            return str(value)
    offered = ", ".join(option["id"] for option in field["options"] if not option["archived"])
    raise Wrong(f"Must be one of: {offered[:500]}.")


def _choices(field: Field, value: Any, present: Any) -> list[str] | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_CHOICES:
        raise Wrong(f"Must be a list of at most {MAX_CHOICES} options.")
    kept = set(present or ())
    chosen = {_choice(field, option, kept) for option in value if _is_text(option)}
    # In the order of the options, so that the same choice is the same value.
    return [option["id"] for option in field["options"] if option["id"] in chosen] or None


def _is_text(option: Any) -> bool:
    if not isinstance(option, str):
        raise Wrong("Must be a list of options by their ids.")
    return True


def _in_range(field: Field, value: Any) -> Any:
    least, most = field.get("min"), field.get("max")
    if least is None and most is None:
        return value
    at = _ordered(value)
    if (least is not None and at < _ordered(least)) or (most is not None and at > _ordered(most)):
        asked = f"{least} to {most}" if None not in (least, most) else f"at least {least}" if most is None else None
        raise Wrong(f"Must be {asked or f'at most {most}'}.")
    return value


def _ordered(value: Any) -> Any:
    if isinstance(value, str) and "-" in value[1:]:
        return datetime.fromisoformat(value.replace("Z", "+00:00")) if "T" in value else date.fromisoformat(value)
    return Decimal(str(value))


_PLAIN: Final[Mapping[str, Callable[[Field, Any], Any]]] = {
    "text": _text,
    "long_text": _long_text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _moment,
    "url": _url,
    "email": _email,
    "reference": _reference,
}
_CHECKED: Final[Mapping[str, Callable[[Checks, Any], str]]] = {"phone": _phone, "country": _country}
