"""The shapes of properties, and of who has them."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text, one_of
from customer.domain.assignments import ROLES, STATES
from customer.domain.limits import LENGTHS as COMMON_LENGTHS
from customer.domain.properties import KINDS, LENGTHS, STATUSES
from customer.schemas.custom_fields import FieldValues
from customer.schemas.location_groups import LocationGroupName

_COUNTRY = {"description": "ISO 3166-1 alpha-2", "example": "DE"}


class Day(fields.Date):
    """A day, as in 2026-03-02."""

    def __init__(self, **options: object) -> None:
        super().__init__(format="iso", **options)  # type: ignore[arg-type]


class PropertyChanges(Schema):
    """Fields of a property to change; `status` closes it or opens it again."""

    number = Text(max=LENGTHS["number"])
    name = Text(max=LENGTHS["name"])
    kind = one_of(*KINDS)
    status = one_of(*STATUSES)
    line1 = Text(max=COMMON_LENGTHS["line1"])
    line2 = Text(min=0, max=COMMON_LENGTHS["line2"])
    city = Text(max=COMMON_LENGTHS["city"])
    region = Text(min=0, max=COMMON_LENGTHS["region"])
    postal_code = Text(min=0, max=COMMON_LENGTHS["postal_code"])
    country = Text(min=2, max=2, metadata=_COUNTRY)
    location_group_id = Id(allow_none=True)
    custom_fields = FieldValues()


class NewProperty(PropertyChanges):
    """A property; it needs no customer. Without a number it gets the next free one."""

    class Meta(PropertyChanges.Meta):
        exclude = ("status",)

    number = Text(min=0, max=LENGTHS["number"], metadata={"description": "made when left out", "example": "P10472"})
    name = Text(max=LENGTHS["name"], required=True)
    kind = one_of(*KINDS, load_default="building")
    line1 = Text(max=COMMON_LENGTHS["line1"], required=True)
    city = Text(max=COMMON_LENGTHS["city"], required=True)
    country = Text(min=2, max=2, required=True, metadata=_COUNTRY)


class PropertyFilter(Schema):
    """Which properties."""

    q = Text(
        min=0,
        max=200,
        metadata={"description": "words that the words of number, name and city begin with, all of them"},
    )
    status = one_of(*STATUSES)
    kind = one_of(*KINDS)
    location_group = Id(metadata={"description": "in this location group or below it"})
    customer = Id(metadata={"description": "those that the customer has now"})
    vacant_on = Day(metadata={"description": "active ones that nobody occupies on this day"})


class PropertyPlace(Schema):
    """Which property, and where it is."""

    id = Id()
    number = fields.String()
    name = fields.String()
    kind = one_of(*KINDS)
    status = one_of(*STATUSES)
    line1 = fields.String()
    line2 = fields.String(allow_none=True)
    city = fields.String()
    region = fields.String(allow_none=True)
    postal_code = fields.String(allow_none=True)
    country = fields.String()
    location_group = fields.Nested(LocationGroupName, allow_none=True)


class PropertyOut(PropertyPlace):
    """A property as it is stored."""

    location_group_id = Id(allow_none=True)
    custom_fields = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class PartyName(Schema):
    """A customer by number and name."""

    id = Id()
    number = fields.String()
    name = fields.String()


class AssignmentChanges(Schema):
    """What to change; `to` ends it, null lets it go on. For days that have passed, say why."""

    role = one_of(*ROLES)
    starts_on = Day(data_key="from")
    until = Day(data_key="to", allow_none=True, metadata={"description": "the first day that no longer belongs to it"})
    reason = Text(max=COMMON_LENGTHS["reason"])


class NewAssignment(AssignmentChanges):
    """A role at a property, from today where no day is named."""

    class Meta(AssignmentChanges.Meta):
        exclude = ("reason",)

    property_id = Id(required=True)
    role = one_of(*ROLES, required=True)


class AssignmentFilter(Schema):
    """Which assignments."""

    when = one_of("past", "current", "future", "all", load_default="current")


class AssignmentOut(Schema):
    """A customer's role at a property, in a period of days."""

    id = Id()
    property = fields.Nested(PropertyPlace)
    customer = fields.Nested(PartyName)
    role = one_of(*ROLES)
    starts_on = Day(data_key="from")
    until = Day(data_key="to", allow_none=True)
    state = fields.String(validate=validate.OneOf(STATES))
    move_id = Id(allow_none=True, metadata={"description": "the move in that it began with"})
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
