"""The shapes of quotes."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from common.schemas import Id, Moment, Schema, Text, one_of
from ordering.domain.order_lines import MAX_LINES
from ordering.domain.quotes import STATUSES
from ordering.schemas.money import Money, currency, quantity
from ordering.schemas.orders import NewOrderLine, OrderCustomer, Requester, ShipTo

_MAX_NOTE = 2_000
_MAX_REASON = 500


class WantedLine(Schema):
    """A listing and how many."""

    listing_id = Id(required=True)
    quantity = quantity(required=True)


class NewQuote(Schema):
    """What a quote is asked for: lines, or what lies in a cart, which stays as it is."""

    customer_id = Id(required=True)
    lines = fields.List(fields.Nested(WantedLine), validate=validate.Length(min=1, max=MAX_LINES))
    cart_id = Id(metadata={"description": "instead of `lines`"})
    currency = currency()
    note = Text(min=0, max=_MAX_NOTE, metadata={"description": "what else is wanted"})

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("lines" in data) == ("cart_id" in data):
            raise ValidationError("Give either lines or a cart.", "lines")


class NewRevision(Schema):
    """What is offered; lines are stated whole, at today's price where none is given."""

    lines = fields.List(fields.Nested(NewOrderLine), required=True, validate=validate.Length(min=1, max=MAX_LINES))
    currency = currency()
    valid_until = fields.Date(required=True, metadata={"description": "the last day on which it can be accepted"})
    note = Text(min=0, max=_MAX_NOTE, metadata={"description": "for the customer"})


class QuoteFilter(Schema):
    """Which quotes to list."""

    customer_id = Id()
    status = one_of(*STATUSES)


class Acceptance(Schema):
    """How to accept: the rest of what the order needs."""

    revision = fields.Integer(strict=True, metadata={"description": "that you have seen; else the one that was sent"})
    po_number = Text(min=0, max=80)
    ship_to = fields.Nested(ShipTo, allow_none=True)
    requested_on = fields.Date(allow_none=True)
    note = Text(min=0, max=_MAX_NOTE)


class QuoteDecline(Schema):
    """Why not."""

    reason = Text(max=_MAX_REASON, required=True)


class QuoteLine(Schema):
    """A line of a quote; without prices where it was only asked for."""

    position = fields.Integer()
    listing_id = Id()
    sku = fields.String()
    name = fields.String()
    kind = fields.String()
    unit = fields.String()
    quantity = fields.Integer()
    discount = fields.String(metadata={"example": "0.15"})
    unit_price = fields.Nested(Money, allow_none=True)
    total = fields.Nested(Money, allow_none=True)


class RevisionOut(Schema):
    """What was offered once."""

    revision = fields.Integer()
    lines = fields.List(fields.Nested(QuoteLine))
    currency = fields.String(allow_none=True)
    total = fields.Nested(Money, allow_none=True)
    valid_until = fields.Date(allow_none=True)
    note = fields.String(allow_none=True)
    made_by_label = fields.String(allow_none=True)
    created_at = Moment()


class QuoteOut(Schema):
    """A quote with the newest revision; in the portal with the one that was sent last, else what was asked for.
    `commands` are those that its status takes now."""

    id = Id()
    number = fields.String()
    customer_id = Id()
    customer = fields.Nested(OrderCustomer)
    requester = fields.Nested(Requester)
    status = one_of(*STATUSES)
    revision = fields.Integer(metadata={"description": "that is shown"})
    sent_revision = fields.Integer(allow_none=True)
    lines = fields.List(fields.Nested(QuoteLine))
    currency = fields.String(allow_none=True)
    total = fields.Nested(Money, allow_none=True)
    valid_until = fields.Date(allow_none=True)
    note = fields.String(allow_none=True)
    request_note = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    order_id = Id(allow_none=True, metadata={"description": "the draft that its acceptance made"})
    sent_at = Moment(allow_none=True)
    decided_at = Moment(allow_none=True)
    commands = fields.List(fields.String())
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
