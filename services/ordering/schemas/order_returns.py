"""The shapes of what comes back of an order."""

from marshmallow import fields

from common.schemas import Id, Moment, Schema


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


class OrderReturn(Schema):
    """A return that has goods of the order; the whole is GET /returns/{id}."""

    id = Id()
    number = fields.String()
    status = fields.String()
    dedicated = fields.Boolean(metadata={"description": "into the customer's own warehouse"})
    created_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
    lines = fields.List(fields.Nested(OrderReturnLine))
