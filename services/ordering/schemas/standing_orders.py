"""The shapes of standing orders."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text, one_of
from ordering.domain.carts import MAX_LINES, NAME_LENGTH
from ordering.domain.standing_orders import MAX_EVERY, OUTCOMES, STATUSES, UNITS
from ordering.schemas.carts import CartLineOut
from ordering.schemas.orders import ShipTo
from ordering.schemas.quotes import WantedLine


def _lines(**options: Any) -> fields.List[Any]:
    return fields.List(fields.Nested(WantedLine), validate=validate.Length(min=1, max=MAX_LINES), **options)


def _every(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, MAX_EVERY), **options)


class KeptLine(Schema):
    """A listing and how many, by the name under which it was kept."""

    listing_id = Id()
    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()


class StandingOrderChanges(Schema):
    """Fields of a standing order to change; `lines` are stated whole."""

    name = Text(max=NAME_LENGTH)
    lines = _lines()
    every = _every(metadata={"description": "so many days, weeks or months", "example": 2})
    unit = one_of(*UNITS)
    next_on = fields.Date(metadata={"description": "the next day; the rhythm is counted from it"})
    ends_on = fields.Date(allow_none=True, metadata={"description": "the last day; null: without end"})
    po_number = Text(min=0, max=80)
    ship_to = fields.Nested(ShipTo, allow_none=True)
    note = Text(min=0, max=2_000)


class NewStandingOrder(StandingOrderChanges):
    """What to order again and again, in the name of who makes it."""

    customer_id = Id(required=True)
    name = Text(max=NAME_LENGTH, required=True)
    lines = _lines(required=True)
    every = _every(required=True)
    unit = one_of(*UNITS, required=True)
    next_on = fields.Date(required=True, metadata={"description": "the first day; the rhythm is counted from it"})


class StandingOrderFilter(Schema):
    """Which standing orders to list."""

    customer_id = Id()
    status = one_of(*STATUSES)
    last_outcome = one_of(*OUTCOMES, metadata={"description": "`refused`: what somebody should look at"})


class LastRun(Schema):
    """What its last day has brought."""

    on = fields.Date()
    outcome = one_of(*OUTCOMES)
    order_id = Id(allow_none=True)
    code = fields.String(allow_none=True, metadata={"description": "of the refusal"})
    detail = fields.String(allow_none=True)


class StandingOrderSummary(Schema):
    """A standing order in a list."""

    id = Id()
    customer_id = Id()
    name = fields.String()
    owner = fields.String(metadata={"description": "in whose name it orders", "example": "portal:01980a30-…"})
    owner_label = fields.String(allow_none=True)
    status = one_of(*STATUSES)
    lines = fields.List(fields.Nested(KeptLine))
    every = fields.Integer()
    unit = one_of(*UNITS)
    next_on = fields.Date(allow_none=True)
    ends_on = fields.Date(allow_none=True)
    po_number = fields.String(allow_none=True)
    ship_to = fields.Nested(ShipTo, allow_none=True)
    note = fields.String(allow_none=True)
    last = fields.Nested(LastRun, allow_none=True)
    commands = fields.List(fields.String())
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class StandingOrderOut(StandingOrderSummary):
    """A standing order, each line as it stands now."""

    lines = fields.List(fields.Nested(CartLineOut))


class RunOut(Schema):
    """What one of its days has brought. Where the submission was refused, `order_id` is the draft."""

    due_on = fields.Date()
    outcome = one_of(*OUTCOMES)
    order_id = Id(allow_none=True)
    code = fields.String(allow_none=True)
    detail = fields.String(allow_none=True)
    created_at = Moment()
