"""The shapes of transfers between warehouses."""

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from warehouse.domain.transfers import DIRECTIONS, OWNERS, STATUSES
from warehouse.schemas.stock import MOST, MOST_LINES

_LINES = validate.Length(min=1, max=MOST_LINES)


class MovedLine(Schema):
    """How much of an article is to be moved, and whose it is: the provider's, or the customer's that is named."""

    sku = Text(max=80, required=True)
    quantity = fields.Integer(strict=True, required=True, validate=validate.Range(1, MOST))
    owner_id = Id()


class NewTransfer(Schema):
    """Goods that are to be moved from one warehouse into another."""

    source = Text(max=40, required=True, data_key="from", metadata={"description": "code or id"})
    target = Text(max=40, required=True, data_key="to", metadata={"description": "code or id"})
    lines = fields.List(fields.Nested(MovedLine), required=True, validate=_LINES)
    note = Text(max=1_000)


class OwnMovedLine(Schema):
    """How much of an article is to be moved, and whose it is: the provider's where nothing is said on its way into the
    customer's warehouse, the customer's own on its way out."""

    sku = Text(max=80, required=True)
    quantity = fields.Integer(strict=True, required=True, validate=validate.Range(1, MOST))
    owner = one_of(*OWNERS)


class NewOwnTransfer(Schema):
    """Goods that a customer asks to be moved between the provider's warehouse and its own: `in` or `out`."""

    direction = one_of(*DIRECTIONS, required=True)
    lines = fields.List(fields.Nested(OwnMovedLine), required=True, validate=_LINES)
    note = Text(max=1_000)


class ArrivedLine(Schema):
    """How much of a line has arrived now."""

    transfer_line_id = Id(required=True)
    quantity = fields.Integer(strict=True, required=True, validate=validate.Range(1, MOST))


class TransferReceipt(Schema):
    """What has arrived now: everything, unless `lines` say how much."""

    lines = fields.List(fields.Nested(ArrivedLine), validate=_LINES)


class TransferReason(Schema):
    """Why; needed where something is missing."""

    reason = Text(max=500)


class TransferFilter(Schema):
    """Which transfers to list. `warehouse_id` is where they leave or go to."""

    warehouse_id = Id()
    customer_id = Id()
    status = one_of(*STATUSES)
    open = Flag(metadata={"description": "whether it has not ended"})


class TransferLineOut(Schema):
    """A line of a transfer; what is `quantity` less `received` is on its way or missing."""

    id = Id(required=True)
    position = fields.Integer(required=True)
    sku = fields.String(required=True)
    owner_id = Id(required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    received = fields.Integer(required=True)


class TransferOut(Schema):
    """A transfer. `commands` are those that its status takes now."""

    id = Id(required=True)
    number = fields.String(required=True)
    from_id = Id(required=True)
    to_id = Id(required=True)
    customer_id = Id(required=True, allow_none=True)
    status = one_of(*STATUSES, required=True)
    by_customer = fields.Boolean(required=True, metadata={"description": "whether the customer's people asked for it"})
    note = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    sent_at = Moment(required=True, allow_none=True)
    received_at = Moment(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)
    commands = fields.List(fields.String(), required=True)
    lines = fields.List(fields.Nested(TransferLineOut), required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
