"""The shapes of sales."""

from marshmallow import fields

from common.schemas import Id, Moment, Schema, one_of
from ordering.domain.orders import STATUSES
from ordering.domain.sales import STATES
from ordering.schemas.orders import OrderCustomer, OrderMoney, ShipTo


class SaleFilter(Schema):
    """Which sales to list."""

    state = one_of(*STATES, metadata={"description": "`waiting`: for the word of who sells"})
    order_status = one_of(*STATUSES)
    seller_id = Id()
    customer_id = Id(metadata={"description": "who buys"})


class SaleLine(Schema):
    """A line of an order that the seller delivers."""

    id = Id()
    position = fields.Integer()
    listing_id = Id()
    sku = fields.String()
    name = fields.String()
    kind = fields.String()
    unit = fields.String()
    quantity = fields.Integer()
    requested_on = fields.Date(allow_none=True)
    unit_price = fields.Nested(OrderMoney, allow_none=True)
    total = fields.Nested(OrderMoney, allow_none=True)
    quantity_shipped = fields.Integer(metadata={"description": "provided by now"})
    quantity_cancelled = fields.Integer()


class SaleOut(Schema):
    """What a customer sells in one order. `commands` are those that it can do now."""

    id = Id()
    order_id = Id()
    order_number = fields.String()
    order_status = one_of(*STATUSES)
    order_hold_reasons = fields.List(fields.String())
    order_reason = fields.String(allow_none=True, metadata={"description": "why the order ended, where it did"})
    seller = fields.Nested(OrderCustomer)
    customer = fields.Nested(OrderCustomer, metadata={"description": "who buys"})
    order_requester_label = fields.String(allow_none=True)
    order_requested_on = fields.Date(allow_none=True)
    order_ship_to = fields.Nested(ShipTo, allow_none=True)
    order_placed_at = Moment(allow_none=True)
    state = one_of(*STATES)
    decided_at = Moment(allow_none=True)
    lines = fields.List(fields.Nested(SaleLine))
    total = fields.Nested(OrderMoney, allow_none=True)
    commands = fields.List(fields.String())
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
