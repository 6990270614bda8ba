"""Fields that only this service has."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from common.schemas import Schema, Text
from identity.domain.passwords import LONGEST_BYTES


class Password(fields.String):
    """A password exactly as typed: no white space is removed. What is too large is refused before it is hashed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(load_only=True, **options)
        self.metadata = {**self.metadata, "format": "password", "maxLength": LONGEST_BYTES}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if "\x00" in text:
            raise ValidationError("Holds a NUL character.")
        try:
            size = len(text.encode())
        except UnicodeEncodeError as error:
            raise ValidationError("Holds half of a surrogate pair.") from error
        if size > LONGEST_BYTES:
            raise ValidationError(f"Must have at most {LONGEST_BYTES} bytes.")
        return text


class LinkOut(Schema):
    """A link for one use; this is the only time that it is shown."""

    token = fields.String(required=True)
    accept_path = fields.String(required=True, metadata={"description": "where to redeem it, below the base address"})
    expires_at = fields.AwareDateTime(format="iso", required=True)


def codes(**options: Any) -> "fields.List[Any]":
    """A list of codes of roles or permissions."""
    return fields.List(Text(max=80), **options)
