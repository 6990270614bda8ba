"""The shapes of returns."""

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from warehouse.domain.returns import CONDITIONS, DISPOSITIONS, REASONS, RESOLUTIONS, STATUSES
from warehouse.schemas.stock import MOST

_LINES = validate.Length(min=1, max=200)


def _quantity(least: int = 1) -> fields.Integer:
    return fields.Integer(strict=True, required=True, validate=validate.Range(least, MOST))


def _serials() -> fields.List[str]:
    return fields.List(Text(max=80), validate=validate.Length(max=500))


class RequestedLine(Schema):
    """How much of a shipped line is to come back, and why. `resolution` is what is wanted for it: a credit, or nothing
    where it goes into the customer's own warehouse."""

    shipment_id = Id(required=True)
    line_id = Id(required=True)
    quantity = _quantity()
    reason = one_of(*REASONS, required=True)
    resolution = one_of(*RESOLUTIONS)
    replacement_sku = Text(
        max=80,
        metadata={"description": "staff only; with `replace`, what is sent instead, where that is another article"},
    )
    serials = _serials()


class NewReturn(Schema):
    """Goods that are to come back, of any of a customer's orders. `warehouse` and `override_reason` are for staff."""

    lines = fields.List(fields.Nested(RequestedLine), required=True, validate=_LINES)
    note = Text(max=1_000)
    warehouse = Text(max=40, metadata={"description": "code or id; the provider's first where nothing is said"})
    override_reason = Text(max=500, metadata={"description": "why goods are taken back that are too late"})


class AuthorizedLine(Schema):
    """How much of a line may come back."""

    return_line_id = Id(required=True)
    quantity = _quantity(0)


class Authorization(Schema):
    """What may come back: everything, unless `lines` say how much; a line that is left out may not."""

    lines = fields.List(fields.Nested(AuthorizedLine), validate=_LINES)
    ship_by = fields.Date(metadata={"description": "until when the goods have to come"})
    replace_in_advance = Flag(
        metadata={"description": "send what replaces them now, before they have come; else once they are inspected"}
    )


class Denial(Schema):
    """Why a return is denied."""

    reason = Text(max=500, required=True)


class Reason(Schema):
    """Why, where there is something to say."""

    reason = Text(max=500)


class Arrival(Schema):
    """What a carrier has brought, or has on its way."""

    carrier = Text(max=80)
    tracking_number = Text(max=80)
    arrived_at = Moment()


class ReceivedReturnLine(Schema):
    """How much of a line has come now; it may be more or less than was authorized."""

    return_line_id = Id(required=True)
    quantity = _quantity()
    serials = _serials()


class UnexpectedLine(Schema):
    """Goods that nobody announced."""

    sku = Text(max=80, required=True)
    name = Text(max=200)
    quantity = _quantity()
    serials = _serials()


class ReturnReceipt(Schema):
    """What has come now. `complete` ends the receipt though not everything has come."""

    lines = fields.List(fields.Nested(ReceivedReturnLine), validate=_LINES)
    unexpected = fields.List(fields.Nested(UnexpectedLine), validate=_LINES)
    complete = Flag()


class Outcome(Schema):
    """What becomes of so many pieces of a line."""

    quantity = _quantity()
    condition = one_of(*CONDITIONS, required=True)
    disposition = one_of(*DISPOSITIONS, required=True)
    resolution = one_of(*RESOLUTIONS, required=True)


class InspectedLine(Schema):
    """What becomes of a line, piece for piece: the quantities add up to what was received."""

    return_line_id = Id(required=True)
    outcomes = fields.List(fields.Nested(Outcome), required=True, validate=validate.Length(min=1, max=20))


class Inspection(Schema):
    """What becomes of everything that has come."""

    lines = fields.List(fields.Nested(InspectedLine), required=True, validate=_LINES)


class ReturnFilter(Schema):
    """Which returns to list. `customer_status` finds those of archived customers."""

    customer_id = Id()
    order_id = Id()
    shipment_id = Id()
    warehouse_id = Id()
    status = one_of(*STATUSES)
    open = Flag(metadata={"description": "whether it has not ended"})
    customer_status = Text(max=40)


class ReturnLineOut(Schema):
    """A line of a return. Without a shipment it is goods that nobody announced."""

    id = Id(required=True)
    position = fields.Integer(required=True)
    shipment_id = Id(required=True, allow_none=True)
    shipment_number = fields.String(required=True, allow_none=True)
    line_id = Id(required=True, allow_none=True)
    order_id = Id(required=True, allow_none=True)
    order_number = fields.String(required=True, allow_none=True)
    sku = fields.String(required=True)
    name = fields.String(required=True)
    reason = one_of(*REASONS, required=True)
    resolution = one_of(*RESOLUTIONS, required=True)
    quantity_requested = fields.Integer(required=True)
    quantity_authorized = fields.Integer(required=True)
    quantity_received = fields.Integer(required=True)
    quantity_accepted = fields.Integer(required=True)
    quantity_rejected = fields.Integer(required=True)
    quantity_replaced = fields.Integer(
        required=True, metadata={"description": "for how many others are sent at no charge"}
    )
    replacement_sku = fields.String(required=True, allow_none=True)
    serials = fields.List(fields.String(), required=True)
    serials_received = fields.List(fields.String(), required=True)
    outcomes = fields.List(fields.Nested(Outcome), required=True)


class ReturnOut(Schema):
    """A return. `dedicated`: it goes into the customer's own warehouse, stays the customer's, and nothing is paid back.
    `commands` are those that its status takes now."""

    id = Id(required=True)
    number = fields.String(required=True)
    customer_id = Id(required=True)
    warehouse_id = Id(required=True)
    warehouse_code = fields.String(required=True, allow_none=True)
    warehouse_name = fields.String(required=True, allow_none=True)
    dedicated = fields.Boolean(required=True)
    status = one_of(*STATUSES, required=True)
    note = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    override_reason = fields.String(required=True, allow_none=True, metadata={"description": "null in the portal"})
    ship_by = fields.Date(required=True, allow_none=True)
    carrier = fields.String(required=True, allow_none=True)
    tracking_number = fields.String(required=True, allow_none=True)
    authorized_at = Moment(required=True, allow_none=True)
    arrived_at = Moment(required=True, allow_none=True)
    received_at = Moment(required=True, allow_none=True)
    inspected_at = Moment(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)
    order_ids = fields.List(Id(), required=True)
    credit_wanted = fields.Boolean(required=True)
    commands = fields.List(fields.String(), required=True)
    lines = fields.List(fields.Nested(ReturnLineOut), required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
