"""The shapes of claims."""

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from warehouse.domain.claims import KINDS, RESOLUTIONS, STATUSES
from warehouse.schemas.stock import MOST

_QUANTITY = validate.Range(1, MOST)


class NewClaim(Schema):
    """What is wrong with some of a shipped line, and what is wanted for it. `override_reason` is for staff."""

    shipment_id = Id(required=True)
    line_id = Id(required=True)
    quantity = fields.Integer(strict=True, required=True, validate=_QUANTITY)
    kind = one_of(*KINDS, required=True)
    resolution = one_of(*RESOLUTIONS, required=True)
    files = fields.List(
        Id(),
        validate=validate.Length(max=20),
        metadata={"description": "ids of photographs among the customer's files"},
    )
    note = Text(max=1_000)
    override_reason = Text(max=500, metadata={"description": "why a claim is taken that comes too late"})


class ClaimAcceptance(Schema):
    """What is granted: all that was claimed and what was wanted, unless something else is said."""

    quantity = fields.Integer(strict=True, validate=_QUANTITY)
    resolution = one_of(*RESOLUTIONS)
    replacement_sku = Text(max=80, metadata={"description": "what is sent instead, where that is another article"})
    reason = Text(max=500)


class ClaimDenial(Schema):
    """Why a claim is denied."""

    reason = Text(max=500, required=True)


class ClaimReason(Schema):
    """Why, where there is something to say."""

    reason = Text(max=500)


class ClaimFilter(Schema):
    """Which claims to list."""

    customer_id = Id()
    order_id = Id()
    shipment_id = Id()
    status = one_of(*STATUSES)
    kind = one_of(*KINDS)
    open = Flag(metadata={"description": "whether nobody has decided about it"})
    customer_status = Text(max=40)


class ClaimOut(Schema):
    """A claim. `credit_pending`: a credit was granted, and is to be issued. `quantity_replaced` are sent once more at
    no charge. `commands` are those that its status takes now."""

    id = Id(required=True)
    number = fields.String(required=True)
    customer_id = Id(required=True)
    status = one_of(*STATUSES, required=True)
    shipment_id = Id(required=True)
    shipment_number = fields.String(required=True)
    line_id = Id(required=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True, allow_none=True)
    sku = fields.String(required=True)
    name = fields.String(required=True)
    kind = one_of(*KINDS, required=True)
    quantity = fields.Integer(required=True)
    quantity_accepted = fields.Integer(required=True)
    quantity_replaced = fields.Integer(required=True)
    resolution = one_of(*RESOLUTIONS, required=True, metadata={"description": "what is wanted"})
    granted = one_of(*RESOLUTIONS, required=True, allow_none=True)
    credit_pending = fields.Boolean(required=True)
    replacement_sku = fields.String(required=True, allow_none=True)
    files = fields.List(Id(), required=True)
    note = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    override_reason = fields.String(required=True, allow_none=True, metadata={"description": "null in the portal"})
    decided_at = Moment(required=True, allow_none=True)
    commands = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
