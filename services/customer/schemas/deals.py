"""The shapes of deals."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text, one_of
from customer.domain.deals import DEAL_STATUSES
from customer.domain.limits import LENGTHS, LIFECYCLES, MAX_QUOTES


class Money(Schema):
    """An amount of money; as many decimals as its currency has, at most."""

    amount = Text(
        max=20,
        required=True,
        validate=validate.Regexp(r"^\d{1,15}(\.\d{1,4})?$", error="Write an amount as 12.30."),
        metadata={"example": "12.30"},
    )
    currency = Text(min=3, max=3, required=True, metadata={"description": "ISO 4217", "example": "EUR"})


class Owner(Schema):
    """The staff account that is responsible, and its name as it is now."""

    id = Id(required=True)
    label = Text(max=LENGTHS["person"], required=True)


class DealChanges(Schema):
    """Fields of a deal to change; `status` wins, loses or reopens it."""

    name = Text(max=LENGTHS["deal_name"])
    stage = Text(max=LENGTHS["code"], metadata={"description": "a code of the list of stages"})
    status = one_of(*DEAL_STATUSES)
    lost_reason = Text(min=0, max=LENGTHS["lost_reason"], metadata={"description": "of a lost deal, needed"})
    value = fields.Nested(Money, allow_none=True)
    expected_close_on = fields.Date(allow_none=True)
    owner = fields.Nested(Owner, allow_none=True)
    quote_ids = fields.List(Id(), validate=validate.Length(max=MAX_QUOTES))


class NewDeal(DealChanges):
    """A deal; it begins open, at the first stage, and is the caller's, unless something else is said."""

    name = Text(max=LENGTHS["deal_name"], required=True)


class StageName(Schema):
    """The stage of a deal."""

    code = fields.String()
    label = fields.String()


class DealCustomer(Schema):
    """Whose deal it is."""

    id = Id()
    number = fields.String()
    name = fields.String()


class LifecycleChange(Schema):
    """How a deal carried its customer on, and why."""

    before = one_of(*LIFECYCLES)
    after = one_of(*LIFECYCLES)
    reason = fields.String(metadata={"example": "deal “Cold rooms” won"})


class DealOut(Schema):
    """A deal as it is stored."""

    id = Id()
    customer_id = Id()
    customer = fields.Nested(DealCustomer)
    name = fields.String()
    stage = fields.Nested(StageName)
    status = one_of(*DEAL_STATUSES)
    lost_reason = fields.String(allow_none=True)
    value = fields.Nested(Money, allow_none=True)
    expected_close_on = fields.Date(allow_none=True)
    closed_at = Moment(allow_none=True)
    owner = fields.Nested(Owner, allow_none=True)
    quote_ids = fields.List(Id())
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class ChangedDeal(DealOut):
    """A deal after a change, and what that did to the customer's lifecycle, if anything."""

    lifecycle_change = fields.Nested(LifecycleChange, allow_none=True)


class DealFilters(Schema):
    """Which deals are listed."""

    status = one_of(*DEAL_STATUSES)
    stage = Text(max=LENGTHS["code"])
    owner_id = Id()
