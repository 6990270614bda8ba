"""The shapes of contracts."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from ordering.domain.contracts import LENGTHS, MAX_CATEGORIES, MAX_LISTINGS, RENEWALS, STATUSES
from ordering.schemas.orders import OrderCustomer


def _months(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, 240), **options)


class ContractChanges(Schema):
    """Fields of a contract to change. Lists are stated whole."""

    name = Text(max=LENGTHS["name"])
    valid_from = fields.Date(metadata={"description": "fixed once the contract holds"})
    valid_to = fields.Date(allow_none=True, metadata={"description": "its last day; null: without end"})
    price_list_id = Id(allow_none=True, metadata={"description": "a price list of kind `contract` for this customer"})
    listing_ids = fields.List(
        Id(),
        validate=validate.Length(max=MAX_LISTINGS),
        metadata={"description": "what it adds to the customer's catalogue"},
    )
    categories = fields.List(Text(max=LENGTHS["category"]), validate=validate.Length(max=MAX_CATEGORIES))
    renewal = one_of(*RENEWALS, metadata={"description": "what happens after its last day"})
    renewal_months = _months(allow_none=True, metadata={"description": "by which it renews itself"})
    notice_days = fields.Integer(strict=True, validate=validate.Range(0, 3_650))
    terms = Text(min=0, max=LENGTHS["terms"])
    file_id = Id(allow_none=True, metadata={"description": "of the customer's files: what was signed"})
    note = Text(min=0, max=LENGTHS["note"], metadata={"description": "for staff"})


class NewContract(ContractChanges):
    """A contract; it begins as a draft that the customer does not see."""

    customer_id = Id(required=True)
    number = Text(max=LENGTHS["number"], metadata={"description": "the next one where left out"})
    name = Text(max=LENGTHS["name"], required=True)
    valid_from = fields.Date(required=True)


class ContractFilter(Schema):
    """Which contracts to list."""

    customer_id = Id()
    status = one_of(*STATUSES)


class CustomerContractFilter(Schema):
    """Which contracts of a customer to list."""

    status = one_of(*STATUSES)


class ContractRenewal(Schema):
    """For how long."""

    months = _months(required=True)


class ContractEnd(Schema):
    """When and why."""

    on = fields.Date(metadata={"description": "its last day; today where left out"})
    reason = Text(max=LENGTHS["reason"], required=True)
    agreed = Flag(metadata={"description": "both sides want it to end before the notice is over"})


class ContractOut(Schema):
    """A contract. `commands` are those that its status takes now."""

    id = Id()
    number = fields.String()
    customer_id = Id()
    customer = fields.Nested(OrderCustomer)
    name = fields.String()
    status = one_of(*STATUSES)
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)
    price_list_id = Id(allow_none=True)
    price_list_code = fields.String(allow_none=True)
    listing_ids = fields.List(Id())
    categories = fields.List(fields.String())
    renewal = one_of(*RENEWALS)
    renewal_months = fields.Integer(allow_none=True)
    notice_days = fields.Integer()
    terms = fields.String(allow_none=True)
    file_id = Id(allow_none=True)
    note = fields.String(allow_none=True, metadata={"description": "left out in the portal"})
    reason = fields.String(allow_none=True)
    activated_at = Moment(allow_none=True)
    ended_on = fields.Date(allow_none=True)
    commands = fields.List(fields.String())
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
