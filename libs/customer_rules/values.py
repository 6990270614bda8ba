"""The value of a leaf in its canonical form, by the field's type and the operator."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, get_args

from customer_rules.fields import Field
from customer_rules.folding import fold, words
from customer_rules.tree import MAX_TEXT, MAX_VALUES, Span, Unit

NO_VALUE: Final = frozenset({"is_set", "is_not_set"})
LISTS: Final = frozenset({"in", "nin", "any_of", "all_of", "none_of"})
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)
PERIODS: Final = ("day", "week", "month", "quarter", "year")

_DECIMAL = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MOST_UNITS = 3_660


class Unreadable(Exception):
    """A value does not fit; the sentence says what would. `step` leads to the wrong part of it."""

    def __init__(self, detail: str, step: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.step = step


def canonical(field: Field, op: str, raw: Any) -> Any:
    """The value as the rule keeps it; raises Unreadable."""
    if op in NO_VALUE:
        if raw is not None:
            raise Unreadable(f"`{op}` takes no value.")
        return None
    if op in LISTS:
        return tuple(dict.fromkeys(_each(raw, lambda one: _one(field, op, one))))
    if op == "between":
        low, high = _pair(raw, lambda one: _one(field, op, one))
        if low > high:
            raise Unreadable("The first of the two must not be greater than the second.")
        return (low, high)
    if op in {"within_last", "within_next"}:
        return _span(field, raw)
    if op in {"this", "last"}:
        if raw not in PERIODS:
            raise Unreadable(f"Choose one of {', '.join(PERIODS)}.")
        return raw
    if op == "anniversary":
        return _anniversary(raw)
    return _one(field, op, raw)


def decimal(raw: Any) -> Decimal:
    """A number as JSON has it, or as decimal text; raises Unreadable."""
    if isinstance(raw, Decimal):
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        text = format(Decimal(repr(raw)), "f") if raw == raw and abs(raw) != float("inf") else ""
    else:
        text = raw if isinstance(raw, str) else ""
    if not _DECIMAL.match(text):
        raise Unreadable('Give a number, as in 12 or "12.50".')
    return Decimal(text)


def to_json(value: Any) -> Any:
    """A canonical value as JSON has it."""
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    if isinstance(value, Span):
        return {"n": value.n, "unit": value.unit}
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and abs(value) < 2**53
        return int(value) if whole else format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _one(field: Field, op: str, raw: Any) -> Any:
    return _READERS[field.type](field, op, raw)


def _text(_field: Field, op: str, raw: Any) -> str:
    if not isinstance(raw, str):
        raise Unreadable("Give a text.")
    text = raw.strip()
    if len(text) > MAX_TEXT:
        raise Unreadable(f"Give at most {MAX_TEXT} characters.")
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Unreadable("Holds characters that cannot be stored.")
    if not fold(text):
        raise Unreadable("Give at least one letter or digit.")
    if op == "matches_word" and len(words(text)) != 1:
        raise Unreadable("Give one word.")
    return text


def _choice(field: Field, op: str, raw: Any) -> str:
    text = _text(field, op, raw)
    found = field.choice(text)
    if found is None:
        known = list((field.choices or {}).values())
        hint = f"choose one of {', '.join(known)}" if len(known) <= 12 else "choose one that exists"
        raise Unreadable(f"There is no {field.label.lower()} {text[:80]}; {hint}.")
    return found


def _number(_field: Field, _op: str, raw: Any) -> Decimal:
    return decimal(raw)


def _boolean(_field: Field, _op: str, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Unreadable("Give true or false.")
    return raw


def _moment(field: Field, op: str, raw: Any) -> date | datetime:
    """A day, or for fields with a time of day also a moment with its offset."""
    hint = "Give a day as 2026-03-02"
    try:
        if isinstance(raw, str) and _DATE.match(raw):
            return date.fromisoformat(raw)
        if isinstance(raw, str) and field.type == "datetime" and op != "on":
            moment = datetime.fromisoformat(raw)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unreadable(f"{hint}, or a moment as 2026-03-02T09:30:00Z." if field.type == "datetime" else f"{hint}.")


_READERS: Final[dict[str, Callable[[Field, str, Any], Any]]] = {
    "text": _text,
    "choice": _choice,
    "number": _number,
    "boolean": _boolean,
    "date": _moment,
    "datetime": _moment,
}


def _each(raw: Any, read: Callable[[Any], Any]) -> list[Any]:
    if not isinstance(raw, list) or not raw:
        raise Unreadable("Give a list with at least one value.")
    if len(raw) > MAX_VALUES:
        raise Unreadable(f"Give at most {MAX_VALUES} values.")
    values = []
    for place, one in enumerate(raw):
        try:
            values.append(read(one))
        except Unreadable as unreadable:
            raise Unreadable(unreadable.detail, f"/{place}") from unreadable
    return values


def _pair(raw: Any, read: Callable[[Any], Any]) -> tuple[Any, Any]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise Unreadable("Give a list of two values, the least and the greatest.")
    low, high = _each(raw, read)
    if isinstance(low, datetime) != isinstance(high, datetime):
        raise Unreadable("Give two days or two moments.")
    return low, high


def _span(field: Field, raw: Any) -> Span:
    units = UNITS if field.type == "datetime" else UNITS[1:]
    if not isinstance(raw, dict) or set(raw) != {"n", "unit"}:
        raise Unreadable('Give how many of which unit, as {"n": 30, "unit": "day"}.')
    if not isinstance(raw["n"], int) or isinstance(raw["n"], bool) or not 1 <= raw["n"] <= _MOST_UNITS:
        raise Unreadable(f"Give a whole number from 1 to {_MOST_UNITS}.", "/n")
    if raw["unit"] not in units:
        raise Unreadable(f"Choose one of {', '.join(units)}.", "/unit")
    if raw["unit"] == "year" and raw["n"] > 200:
        raise Unreadable("Give at most 200 years.", "/n")
    return Span(raw["n"], raw["unit"])


def _anniversary(raw: Any) -> Span:
    if raw is None:
        return Span(0, "day")
    if not isinstance(raw, dict) or set(raw) != {"n", "unit"} or raw["unit"] != "day":
        raise Unreadable('Give nothing for today, or the days ahead as {"n": 7, "unit": "day"}.')
    if not isinstance(raw["n"], int) or isinstance(raw["n"], bool) or not 0 <= raw["n"] <= 365:
        raise Unreadable("Give a whole number from 0 to 365.", "/n")
    return Span(raw["n"], "day")
