"""The shapes of shipments."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text, one_of
from warehouse.domain.claims import RESOLUTIONS
from warehouse.domain.shipments import EXCEPTIONS, STATUSES
from warehouse.schemas.stock import MOST, Money


class WantedLine(Schema):
    """How much of an order line to send."""

    line_id = Id(required=True)
    quantity = fields.Integer(strict=True, required=True, validate=validate.Range(1, MOST))
    serials = fields.List(Text(max=80), validate=validate.Length(max=500))


class NewShipment(Schema):
    """What to send of an order: all that is allocated in one warehouse, unless `lines` say what."""

    order_id = Id(required=True)
    warehouse_id = Id(metadata={"description": "needed where the goods lie in several"})
    lines = fields.List(fields.Nested(WantedLine), validate=validate.Length(min=1, max=500))


class Dispatch(Schema):
    """How a shipment travels."""

    carrier = Text(max=80)
    tracking_number = Text(max=80)
    tracking_url = Text(max=500, validate=validate.URL(schemes={"https", "http"}))


class Delivery(Schema):
    """When a shipment arrived; now where nothing is said."""

    delivered_at = Moment()


class ShipmentFailure(Schema):
    """What went wrong on its way. What was lost or damaged is claimed by that, with what is wanted for it."""

    kind = one_of(*EXCEPTIONS, required=True)
    note = Text(max=500)
    resolution = one_of(*RESOLUTIONS, load_default="replace")


class ShipmentFilter(Schema):
    """Which shipments to list."""

    order_id = Id()
    customer_id = Id()
    warehouse_id = Id()
    status = one_of(*STATUSES)


class Tracking(Schema):
    """How a shipment travels."""

    carrier = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    url = fields.String(required=True, allow_none=True)


class ShippedLine(Schema):
    """A line of a shipment."""

    line_id = Id(required=True)
    sku = fields.String(required=True)
    name = fields.String(required=True)
    quantity = fields.Integer(required=True)
    serials = fields.List(fields.String(), required=True)


class ShipmentOut(Schema):
    """A shipment. `cost` is what its goods cost, null for who may not see it."""

    id = Id(required=True)
    number = fields.String(required=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True, allow_none=True)
    customer_id = Id(required=True)
    warehouse_id = Id(required=True)
    warehouse_code = fields.String(required=True, allow_none=True)
    warehouse_name = fields.String(required=True, allow_none=True)
    status = one_of(*STATUSES, required=True)
    tracking = fields.Nested(Tracking, required=True, allow_none=True)
    shipped_at = Moment(required=True, allow_none=True)
    delivered_at = Moment(required=True, allow_none=True)
    exception = one_of(*EXCEPTIONS, required=True, allow_none=True, metadata={"description": "what went wrong"})
    exception_note = fields.String(required=True, allow_none=True)
    lines = fields.List(fields.Nested(ShippedLine), required=True)
    cost = fields.Nested(Money, required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
