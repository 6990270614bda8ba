"""The base of every HTTP shape: unknown fields are refused, and so is text that PostgreSQL cannot hold."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import RAISE, ValidationError, fields, validate
from marshmallow import Schema as MarshmallowSchema

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_EMAIL = re.compile(r"^[^@\s<>\"',;:\\]{1,64}@[^@\s<>\"',;:\\]+\.[^@\s<>\"',;:\\.]{2,}$")


class Schema(MarshmallowSchema):
    """Refuses what it does not know (422 naming the field)."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """Text without surrounding white space, of `min` to `max` characters. With `min=0`, empty text reads as null."""

    def __init__(self, *, min: int = 1, max: int = 200, **options: Any) -> None:  # noqa: A002
        if min == 0:
            options.setdefault("allow_none", True)
        self.min, self.max = min, max
        validators = options.pop("validate", [])
        super().__init__(validate=[*([validators] if callable(validators) else validators), self._check], **options)
        self.metadata = {**self.metadata, "maxLength": max} | ({"minLength": min} if min else {})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if _UNSTORABLE.search(text):
            raise ValidationError("Holds characters that cannot be stored (NUL or half of a surrogate pair).")
        text = text.strip()
        return None if not text and self.min == 0 else text

    def _check(self, text: str | None) -> None:
        if text is None:
            return
        if len(text) < self.min:
            raise ValidationError(
                "Must not be empty." if self.min == 1 else f"Must have at least {self.min} characters."
            )
        if len(text) > self.max:
            raise ValidationError(f"Must have at most {self.max} characters; this has {len(text)}.")


class Id(fields.UUID):
    """A UUID; reads and writes its canonical text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return str(super()._deserialize(value, attr, data, **kwargs))


class Moment(fields.AwareDateTime):
    """A point in time, RFC 3339, written in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)


class Email(Text):
    """An e-mail address: one `@`, a local part of at most 64 characters and a domain with a dot (RFC 5321 sizes)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max=254, **options)
        self.metadata = {**self.metadata, "format": "email"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and not _EMAIL.match(text):
            raise ValidationError("Is not an e-mail address.")
        return text


class DecimalText(fields.String):
    """A decimal number as text (`"0.15"`), because JSON numbers are not exact; not negative, `at_most` so much, of so
    many digits before and behind the point. Reads as Decimal."""

    def __init__(self, *, whole: int, places: int, at_most: int | None = None, positive: bool = False, **options: Any):
        self.at_most, self.positive = at_most, positive
        self._form = rf"[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?"
        super().__init__(**options)
        self.metadata = {**self.metadata, "pattern": f"^{self._form}$"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
        text = super()._deserialize(text, attr, data, **kwargs)
        if not re.fullmatch(self._form, text):
            raise ValidationError("Write a number as 0.15, not negative, with a point.")
        number = Decimal(text)
        if self.at_most is not None and number > self.at_most:
            raise ValidationError(f"Must be at most {self.at_most}.")
        if self.positive and not number:
            raise ValidationError("Must be greater than zero.")
        return number


def one_of(*values: str, **options: Any) -> fields.String:
    """A field that holds one of the values named."""
    return fields.String(validate=validate.OneOf(values), **options)


class Flag(fields.Boolean):
    """True or false, and in a query also `1` and `0`; nothing else."""

    truthy = {True, "true", "1"}  # noqa: RUF012
    falsy = {False, "false", "0"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)
