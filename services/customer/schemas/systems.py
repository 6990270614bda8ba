"""The shapes of installed systems, their types and their secrets."""

from marshmallow import ValidationError, fields, validate

from common.schemas import Id, Moment, Schema, Text, one_of
from customer.domain.fields.definitions import MAX_FIELDS
from customer.domain.systems import KEPT_REVISIONS, STATUSES
from customer.schemas.custom_fields import FieldValues, SystemField


class SystemTypeChanges(Schema):
    """A system type; `fields` are stated whole and in order, and those left out are archived."""

    name = Text(max=100)
    asked = fields.List(
        fields.Nested(SystemField), data_key="fields", attribute="fields", validate=validate.Length(max=MAX_FIELDS)
    )


class NewSystemType(SystemTypeChanges):
    """What a kind of equipment is called, and what is asked of each piece."""

    name = Text(max=100, required=True, metadata={"example": "Telephone system"})


class SystemTypeOut(Schema):
    """A system type with its fields, those archived last."""

    id = Id()
    name = fields.String()
    asked = fields.List(fields.Nested(SystemField), data_key="fields", attribute="fields")
    archived_at = Moment(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class SystemTypeFilter(Schema):
    """Which types to list."""

    archived = one_of("no", "only", "any", load_default="no")


class SystemChanges(Schema):
    """Fields of a system to change; `values` is a merge patch by the fields of its type."""

    name = Text(max=200)
    status = one_of(*STATUSES)
    property_id = Id(allow_none=True, metadata={"description": "where it is installed"})
    values = FieldValues()


class NewSystem(SystemChanges):
    """A system of a customer; without a name it is called as its type."""

    type_id = Id(required=True)


class TypeName(Schema):
    """The type of a system."""

    id = Id()
    name = fields.String()


class PropertyName(Schema):
    """The property where a system is installed."""

    id = Id()
    number = fields.String()
    name = fields.String()


class SecretState(Schema):
    """What is told of a secret field."""

    set = fields.Boolean()
    revision = fields.Integer(allow_none=True)
    updated_at = fields.String(allow_none=True)
    updated_by = fields.String(allow_none=True)
    age_days = fields.Integer(allow_none=True)


class SystemOut(Schema):
    """An installed system; its secrets are revealed one by one."""

    id = Id()
    customer_id = Id()
    type = fields.Nested(TypeName)
    name = fields.String()
    status = one_of(*STATUSES)
    property = fields.Nested(PropertyName, allow_none=True)
    values = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))
    secrets = fields.Dict(keys=fields.String(), values=fields.Nested(SecretState))
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


def _is_text(value: object) -> None:
    # The value itself must not come back in a message.
    if not isinstance(value, str):
        raise ValidationError("Must be text.")


class NewSecret(Schema):
    """A secret as it is, with its spaces."""

    value = fields.Raw(required=True, validate=_is_text, metadata={"type": "string", "format": "password"})


class RevealRequest(Schema):
    """Which revision, and why."""

    revision = fields.Integer(
        strict=True,
        validate=validate.Range(1),
        metadata={"description": f"the present one when left out; {KEPT_REVISIONS} are kept"},
    )
    reason = Text(min=0, max=200, metadata={"description": "stands in the timeline"})


class RevealedSecret(Schema):
    """A secret in the clear; do not store it."""

    value = fields.String()
    revision = fields.Integer()
