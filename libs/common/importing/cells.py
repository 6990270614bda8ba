"""Fields of rows whose cells are written in more ways than one."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from marshmallow import ValidationError, fields

_MOST = 10**15


def day(**options: Any) -> fields.Function:
    """A day, as 2026-03-31; a workbook adds midnight."""

    def read(cell: str) -> date:
        written, _, time = cell.replace("T", " ").partition(" ")
        try:
            if set(time) <= set("0:."):
                return date.fromisoformat(written)
        except ValueError:
            pass
        raise ValidationError(f"{cell} is no day; write it as 2026-03-31.")

    return fields.Function(deserialize=read, **options)


def whole(least: int, most: int, **options: Any) -> fields.Function:
    """A whole number between two bounds; `12.0` is 12."""

    def read(cell: str) -> int:
        number = _decimal(cell)
        if number is None or number != number.to_integral_value() or not least <= number <= most:
            raise ValidationError(f"must be a whole number from {least:,} to {most:,}.")
        return int(number)

    return fields.Function(deserialize=read, **options)


def amount(**options: Any) -> fields.Function:
    """A number that is not negative, as `12.30`, kept as text: how many decimals it may have is its currency's
    affair."""

    def read(cell: str) -> str:
        number = _decimal(cell)
        if number is None or number.is_signed() or number >= _MOST:
            raise ValidationError(f"{cell} is no amount; write it as 12.30.")
        return f"{number:f}"

    return fields.Function(deserialize=read, **options)


def share(**options: Any) -> fields.Function:
    """A share of one, as 0.15 or 15%."""

    def read(cell: str) -> Decimal:
        number = _decimal(cell.removesuffix("%").rstrip())
        if number is not None and cell.endswith("%"):
            number /= 100
        if number is None or not 0 <= number <= 1:
            raise ValidationError(f"{cell} is no share of one; write it as 0.15 or 15%.")
        return number

    return fields.Function(deserialize=read, **options)


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and "_" not in text else None
