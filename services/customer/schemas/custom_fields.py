"""The shapes of custom fields, their definitions and their values."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.fields.definitions import APPLIES_TO, MAX_OPTIONS, PORTAL, REFERENCES, SYSTEM_TYPES, TYPES
from customer.domain.fields.patterns import MAX_PATTERN
from customer.domain.limits import KINDS

_KEY = validate.Regexp(r"^[a-z][a-z0-9_]{1,62}$", error="Write a key as `delivery_route`, of 2 to 63 characters.")
_ANY_ARCHIVED = ("no", "only", "any")


class FieldKey(Text):
    """The key of a field: it stands in requests, events and filters, and never changes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max=63, validate=_KEY, metadata={"example": "delivery_route"}, **options)


class FieldValues(fields.Dict):
    """Values by the keys of their fields. In a change it is a merge patch: null clears, what is not named stays."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            keys=fields.String(validate=validate.Length(max=200)),
            values=fields.Raw(allow_none=True),
            validate=validate.Length(max=400),
            metadata={
                "description": "key of the field -> value; null clears",
                "example": {"delivery_route": "North 4"},
            },
            **options,
        )


class Option(Schema):
    """One choice: renamed by its id, archived and never deleted."""

    id = Text(max=60, required=True, validate=validate.Regexp(r"^[A-Za-z0-9_.-]+$", error="Letters, digits, _ . -"))
    label = Text(max=100, required=True)
    colour = Text(min=0, max=20, metadata={"example": "#2f6f4f"})
    archived = Flag()


class Condition(Schema):
    """Which customers a field is for; both must hold where both are given."""

    kinds = fields.List(one_of(*KINDS), validate=validate.Length(max=len(KINDS)))
    group_ids = fields.List(Id(), validate=validate.Length(max=100))


class _Definition(Schema):
    label = Text(max=100)
    help = Text(min=0, max=500)
    section = Text(min=0, max=60)
    order = fields.Integer(strict=True, validate=validate.Range(0, 1_000_000))
    required = Flag()
    personal = Flag(metadata={"description": "holds personal data: its values stay out of the timeline"})
    default = fields.Raw(allow_none=True, metadata={"description": "of new records only"})
    min = fields.Raw(allow_none=True)
    max = fields.Raw(allow_none=True)
    min_length = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 10_000))
    max_length = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 10_000))
    pattern = Text(
        min=0,
        max=MAX_PATTERN,
        metadata={"description": "regular expression for the whole text: classes, groups, bounded repetitions"},
    )
    pattern_message = Text(min=0, max=200)
    decimals = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 6))
    options = fields.List(fields.Nested(Option), validate=validate.Length(max=MAX_OPTIONS))
    to = one_of(*REFERENCES, metadata={"description": "what a reference names"})
    prefix = Text(min=0, max=20)
    digits = fields.Integer(strict=True, validate=validate.Range(1, 12))


class CustomFieldChanges(_Definition):
    """Settings of a definition to change. A type only widens; options that are left out are archived."""

    type = one_of(*TYPES)
    unique = Flag()
    facet = Flag()
    portal = one_of(*PORTAL)
    condition = fields.Nested(Condition, allow_none=True)


class NewCustomField(CustomFieldChanges):
    """A field of customers, contacts or properties."""

    applies_to = one_of(*APPLIES_TO, required=True)
    key = FieldKey(required=True)
    label = Text(max=100, required=True)
    type = one_of(*TYPES, required=True)


class CustomFieldOut(NewCustomField):
    """A field as it is defined; settings that its type does not have are left out."""

    id = Id()
    archived_at = Moment(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class CustomFieldFilter(Schema):
    """Which fields to list."""

    applies_to = one_of(*APPLIES_TO)
    archived = one_of(*_ANY_ARCHIVED, load_default="no")


class SystemField(_Definition):
    """A field of a system type; an archived one keeps its values, unseen. The values of type `secret` are sealed and
    set one by one."""

    key = FieldKey(required=True)
    label = Text(max=100, required=True)
    type = one_of(*SYSTEM_TYPES, required=True)
    archived = Flag()
