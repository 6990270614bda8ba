"""The shapes of money and of quantities."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Schema, Text

MAX_QUANTITY = 1_000_000


class Money(Schema):
    """An amount of money; as many decimals as its currency has, at most."""

    amount = Text(
        max=20,
        required=True,
        validate=validate.Regexp(r"^\d{1,15}(\.\d{1,4})?$", error="Write an amount as 12.30."),
        metadata={"example": "12.30"},
    )
    currency = Text(min=3, max=3, required=True, metadata={"description": "ISO 4217", "example": "EUR"})


def currency(**options: Any) -> Text:
    """A currency, by its code of ISO 4217."""
    error = "Write a currency by its three letters, as EUR."
    return Text(
        min=3,
        max=3,
        validate=validate.Regexp(r"^[A-Z]{3}$", error=error),
        metadata={"description": "ISO 4217", "example": "EUR"},
        **options,
    )


def quantity(**options: Any) -> fields.Integer:
    """How many units: a whole number from one on."""
    return fields.Integer(strict=True, validate=validate.Range(1, MAX_QUANTITY), **options)
