"""The shapes of services in use."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from common.schemas import Id, Moment, Schema, Text, one_of
from ordering.domain.listings import PERIODS
from ordering.domain.services import RENEWALS, STATUSES
from ordering.schemas.listings import Component
from ordering.schemas.money import Money
from ordering.schemas.orders import OrderCustomer

_MAX_NUMBER = 80
_MAX_REASON = 500
_MAX_MONTHS = 240


def _months(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, _MAX_MONTHS), **options)


def _reason() -> Text:
    return Text(max=_MAX_REASON, required=True)


class Place(Schema):
    """Where or for whom a service is: its id where it is kept, and what it was called when that was told."""

    id = Id(required=True)
    label = Text(min=0, max=200, load_default=None)


class ServiceFilter(Schema):
    """Which services to list."""

    customer_id = Id()
    status = one_of(*STATUSES)
    listing_id = Id()
    order_id = Id()
    property_id = Id()
    org_unit_id = Id(metadata={"description": "of a department"})
    person_id = Id()
    cost_centre = Text(max=_MAX_NUMBER)
    q = Text(max=_MAX_NUMBER, metadata={"description": "the beginning of a number or serial number"})


class CustomerServiceFilter(ServiceFilter):
    """Which services of a customer to list."""

    class Meta:
        exclude = ("customer_id",)


class RecurringCharge(Schema):
    """What comes again every period."""

    period = one_of(*PERIODS)
    charge = fields.Nested(Money, allow_none=True)


class Department(Schema):
    """What a department uses now; `org_unit` is null for what is for none. Charges are left out where the caller may
    not see prices."""

    org_unit = fields.Nested(Place, allow_none=True)
    services = fields.Integer()
    quantity = fields.Integer()
    people = fields.Integer(metadata={"description": "who use something of it"})
    recurring = fields.List(fields.Nested(RecurringCharge))


class Departments(Schema):
    """The departments of a customer."""

    departments = fields.List(fields.Nested(Department))


class ReturnRequest(Schema):
    """Why a service should be fetched, and when."""

    reason = _reason()
    wanted_on = fields.Date(allow_none=True)


class ServiceEnd(Schema):
    """Why a service ends, and when."""

    reason = _reason()
    on = fields.Date(metadata={"description": "its last day; today where left out, and a later one is waited for"})


class Loss(Schema):
    """How it was lost."""

    reason = _reason()


class Replacement(Schema):
    """What takes the place of a service."""

    reason = _reason()
    serial = Text(max=_MAX_NUMBER)
    listing_id = Id(metadata={"description": "where it is something else"})


class Renewal(Schema):
    """How long a service goes on."""

    months = _months(metadata={"description": "after its present last day"})
    ends_on = fields.Date(allow_none=True, metadata={"description": "its last day; null: without end"})
    renewal = one_of(*RENEWALS, metadata={"description": "what happens on the last day"})
    term_months = _months(metadata={"description": "by which it renews itself"})

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("months" in data) == ("ends_on" in data):
            raise ValidationError("Give either months or a last day.", "months")


class Assignment(Schema):
    """Where a service is, for whom and on whose account; what is left out stays, null is nobody and nowhere."""

    property = fields.Nested(Place, allow_none=True, metadata={"description": "staff only"})
    org_unit = fields.Nested(Place, allow_none=True, metadata={"description": "a department"})
    person = fields.Nested(Place, allow_none=True)
    cost_centre = Text(min=0, max=_MAX_NUMBER)


class ServiceOut(Schema):
    """A service in use. `commands` are those that its status takes now."""

    id = Id()
    number = fields.String()
    customer_id = Id()
    customer = fields.Nested(OrderCustomer)
    status = one_of(*STATUSES)
    order_id = Id(allow_none=True)
    order_number = fields.String(allow_none=True)
    order_line_id = Id(allow_none=True)
    move_id = Id(allow_none=True, metadata={"description": "the moving in that started it"})
    return_id = Id(allow_none=True, metadata={"description": "the return of goods that ended it"})
    listing_id = Id(allow_none=True)
    sku = fields.String(allow_none=True)
    name = fields.String()
    unit = fields.String(allow_none=True)
    quantity = fields.Integer()
    serial = fields.String(allow_none=True)
    property = fields.Nested(Place, allow_none=True)
    org_unit = fields.Nested(Place, allow_none=True)
    person = fields.Nested(Place, allow_none=True)
    cost_centre = fields.String(allow_none=True)
    unit_price = fields.Nested(Money, allow_none=True)
    price_source = fields.Dict(allow_none=True)
    charges = fields.List(fields.Nested(Component))
    started_on = fields.Date(allow_none=True)
    ends_on = fields.Date(allow_none=True)
    renewal = one_of(*RENEWALS)
    term_months = fields.Integer(allow_none=True)
    ended_on = fields.Date(allow_none=True)
    wanted_on = fields.Date(allow_none=True)
    reason = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    replaces_id = Id(allow_none=True)
    replaced_by_id = Id(allow_none=True)
    commands = fields.List(fields.String())
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
