"""The shapes of what comes back of an order, is claimed of it, and is sent instead."""

from marshmallow import fields

from common.schemas import Id, Moment, Schema, one_of


class Replacing(Schema):
    """An order that sends, at no charge, so many instead of a line."""

    order_id = Id()
    order_number = fields.String()
    order_status = fields.String()
    line_id = Id(metadata={"description": "of this order, whose goods are replaced"})
    quantity = fields.Integer()


class OrderExchange(Schema):
    """For which return or claim of which order this one sends something at no charge."""

    kind = one_of("return", "claim")
    id = Id()
    number = fields.String()
    of_order_id = Id()


class OrderReturnLine(Schema):
    """How much of a line of the order is to come back, has come and was accepted."""

    line_id = Id()
    sku = fields.String()
    name = fields.String(allow_none=True)
    reason = fields.String()
    resolution = fields.String(metadata={"description": "what was wanted: a credit, a replacement, …"})
    quantity_requested = fields.Integer()
    quantity_authorized = fields.Integer()
    quantity_received = fields.Integer()
    quantity_accepted = fields.Integer()
    quantity_rejected = fields.Integer()
    quantity_replaced = fields.Integer(metadata={"description": "for how many others are sent at no charge"})


class OrderReturn(Schema):
    """A return that has goods of the order; the whole is GET /returns/{id}."""

    id = Id()
    number = fields.String()
    status = fields.String()
    dedicated = fields.Boolean(metadata={"description": "into the customer's own warehouse"})
    created_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
    lines = fields.List(fields.Nested(OrderReturnLine))
    replacements = fields.List(fields.Nested(Replacing))


class OrderClaim(Schema):
    """A claim about goods of the order; the whole is GET /claims/{id}."""

    id = Id()
    number = fields.String()
    status = fields.String()
    kind = fields.String()
    line_id = Id()
    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    quantity_accepted = fields.Integer()
    quantity_replaced = fields.Integer()
    resolution = fields.String()
    granted = fields.String(allow_none=True)
    credit_pending = fields.Boolean(metadata={"description": "a credit was granted, and is to be issued"})
    created_at = Moment()
    decided_at = Moment(allow_none=True)
    replacements = fields.List(fields.Nested(Replacing))
