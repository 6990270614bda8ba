"""The shapes of contacts and addresses."""

from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate

from common.schemas import Email, Flag, Id, Moment, Schema, Text, one_of
from customer.domain.limits import LENGTHS, MAX_CHANNELS, MAX_ROLES
from customer.domain.purposes import PURPOSES
from customer.schemas.custom_fields import FieldValues

# What an answer adds to an entry. It may be sent back with the list, and is left aside.
_DERIVED = ("href", "e164", "extension")


class _Entry(Schema):
    @pre_load
    def _leave_aside(self, data: Any, **_options: Any) -> Any:
        return {name: data[name] for name in data if name not in _DERIVED} if isinstance(data, dict) else data


class EmailEntry(_Entry):
    """One e-mail address of a contact."""

    label = Text(max=LENGTHS["channel_label"])
    address = Email(required=True)
    default = Flag()


class PhoneEntry(_Entry):
    """One telephone number of a contact."""

    label = Text(max=LENGTHS["channel_label"])
    number = Text(
        max=LENGTHS["contact_phone"],
        required=True,
        validate=validate.Regexp(r"^[^\n\r\t<>]*\d[^\n\r\t<>]*$", error="Must hold digits."),
    )
    default = Flag()


class PurposeEntry(Schema):
    """One use of an address; `default` left out lets the first address of a purpose be its default."""

    purpose = one_of(*PURPOSES, required=True)
    default = Flag()


def _once_each(entries: list[dict[str, Any]]) -> None:
    purposes = [entry["purpose"] for entry in entries]
    if len(set(purposes)) != len(purposes):
        raise ValidationError("Each purpose may come once.")


def _roles() -> fields.List[str]:
    role = Text(
        max=LENGTHS["role"],
        validate=validate.Regexp(r"^[a-z][a-z0-9_]*$", error="Write a role as `decision_maker`."),
    )
    return fields.List(
        role,
        validate=validate.Length(max=MAX_ROLES),
        metadata={"example": ["buyer", "decision_maker"]},
    )


class EmailOut(EmailEntry):
    """An e-mail address with the link that opens a letter to it."""

    href = fields.String(dump_only=True, metadata={"example": "mailto:ruth@example.test"})


class PhoneOut(PhoneEntry):
    """A telephone number as it was written, and as a device dials it. `e164` is null where it is no number that is
    known; one without `+` is read as one of the country of the customer's address."""

    e164 = fields.String(dump_only=True, allow_none=True, metadata={"example": "+441134960112"})
    extension = fields.String(dump_only=True, allow_none=True)
    href = fields.String(dump_only=True, allow_none=True, metadata={"example": "tel:+44-113-496-0112"})


class ContactChanges(Schema):
    """Fields of a contact to change; lists are stated whole. What it becomes the default for, another one loses."""

    name = Text(max=LENGTHS["contact_name"])
    title = Text(min=0, max=LENGTHS["contact_title"])
    department = Text(min=0, max=LENGTHS["contact_department"])
    emails = fields.List(fields.Nested(EmailEntry), validate=validate.Length(max=MAX_CHANNELS))
    phones = fields.List(fields.Nested(PhoneEntry), validate=validate.Length(max=MAX_CHANNELS))
    roles = _roles()
    default_for = _roles()
    custom_fields = FieldValues()
    primary = Flag()


class NewContact(ContactChanges):
    """A contact; the first one of a business becomes its primary contact."""

    name = Text(max=LENGTHS["contact_name"], required=True)


class ContactOut(Schema):
    """A contact as it is stored."""

    id = Id()
    customer_id = Id()
    name = fields.String()
    title = fields.String(allow_none=True)
    department = fields.String(allow_none=True)
    emails = fields.List(fields.Nested(EmailOut))
    phones = fields.List(fields.Nested(PhoneOut))
    roles = fields.List(fields.String())
    default_for = fields.List(fields.String())
    custom_fields = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))
    primary = fields.Boolean()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class PrimaryContact(Schema):
    """Who becomes the primary contact; null for nobody."""

    contact_id = Id(required=True, allow_none=True)


class AddressChanges(Schema):
    """Fields of an address to change; `purposes` is stated whole."""

    line1 = Text(max=LENGTHS["line1"])
    line2 = Text(min=0, max=LENGTHS["line2"])
    city = Text(max=LENGTHS["city"])
    region = Text(min=0, max=LENGTHS["region"])
    postal_code = Text(min=0, max=LENGTHS["postal_code"])
    country = Text(
        min=2,
        max=2,
        metadata={"description": "ISO 3166-1 alpha-2", "example": "DE"},
    )
    purposes = fields.List(
        fields.Nested(PurposeEntry), validate=[validate.Length(min=1, max=len(PURPOSES)), _once_each]
    )


class NewAddress(AddressChanges):
    """An address; without purposes it serves billing and shipping."""

    line1 = Text(max=LENGTHS["line1"], required=True)
    city = Text(max=LENGTHS["city"], required=True)
    country = Text(
        min=2,
        max=2,
        required=True,
        metadata={"description": "ISO 3166-1 alpha-2", "example": "DE"},
    )


class AddressOut(Schema):
    """An address as it is stored."""

    id = Id()
    customer_id = Id()
    purposes = fields.List(fields.Nested(PurposeEntry))
    line1 = fields.String()
    line2 = fields.String(allow_none=True)
    city = fields.String()
    region = fields.String(allow_none=True)
    postal_code = fields.String(allow_none=True)
    country = fields.String()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
