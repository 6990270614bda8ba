"""The shapes of what orders are promised."""

from marshmallow import fields

from common.schemas import Id, Moment, Schema, one_of
from warehouse.domain.promises import STATES


class SourceOut(Schema):
    """What a line has from one warehouse. `at_risk` is the part of `allocated` that was found missing."""

    warehouse_id = Id(required=True)
    reserved = fields.Integer(required=True)
    allocated = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    at_risk = fields.Integer(required=True)


class PromisedDate(Schema):
    """A day that was promised. `before` is the one that it replaced, null for the first."""

    before = fields.Date(required=True, allow_none=True)
    after = fields.Date(required=True)
    cause = one_of("order", "supply", "listing", required=True)
    created_at = Moment(required=True)


class ReservedLine(Schema):
    """A line of goods of an order."""

    line_id = Id(required=True)
    sku = fields.String(required=True)
    name = fields.String(required=True)
    quantity = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    allocated = fields.Integer(required=True)
    at_risk = fields.Integer(required=True)
    backordered = fields.Integer(required=True)
    short = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    preorder = fields.Boolean(required=True)
    queue_place = fields.Integer(
        required=True, allow_none=True, metadata={"description": "1 is served next; null where nothing waits"}
    )
    promised_on = fields.Date(required=True, allow_none=True)
    promised_dates = fields.List(
        fields.Nested(PromisedDate),
        required=True,
        metadata={"description": "all that were promised, the last one last"},
    )
    sources = fields.List(fields.Nested(SourceOut), required=True)


class ReservationFilter(Schema):
    """Which orders to list."""

    customer_id = Id()
    state = one_of(*STATES)


class ReservationOut(Schema):
    """All that one order is promised."""

    order_id = Id(required=True)
    order_number = fields.String(required=True, allow_none=True)
    customer_id = Id(required=True)
    order_version = fields.Integer(required=True)
    state = one_of(*STATES, required=True)
    expires_at = Moment(required=True, allow_none=True)
    lines = fields.List(fields.Nested(ReservedLine), required=True)
    version = fields.Integer(required=True)
