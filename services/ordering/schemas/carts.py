"""The shapes of carts and saved lists."""

from marshmallow import fields

from common.schemas import Flag, Id, Moment, Schema, Text
from ordering.domain.carts import NAME_LENGTH
from ordering.schemas.money import Money, quantity


class CartChanges(Schema):
    """What it is called."""

    name = Text(min=0, max=NAME_LENGTH)


class NewCart(CartChanges):
    """A new one for a customer: empty, or a copy."""

    customer_id = Id(required=True)
    copy_of = Id(metadata={"description": "a cart or saved list of the same customer"})


class CartFilter(Schema):
    """Which to show."""

    customer_id = Id()
    mine = Flag(metadata={"description": "only those that the caller has made"})


class NewCartLine(Schema):
    """How many of a listing there are to be; what was said before is replaced."""

    listing_id = Id(required=True)
    quantity = quantity(required=True)


class CartLineOut(Schema):
    """What lies in it, as it stands now. Prices are left out where the caller may not see them; what is no longer
    `available` cannot be ordered, and its name may be gone."""

    listing_id = Id()
    sku = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    quantity = fields.Integer()
    unit_price = fields.Nested(Money, allow_none=True)
    total = fields.Nested(Money, allow_none=True)
    preorderable = fields.Boolean()
    available_from = fields.Date(allow_none=True)
    available = fields.Boolean()
    why = fields.String(allow_none=True, metadata={"description": "why it is not", "example": "not_offered"})


class CartSummary(Schema):
    """A cart or list without what lies in it."""

    id = Id()
    customer_id = Id()
    name = fields.String(allow_none=True)
    owner = fields.String(metadata={"description": "who made it", "example": "portal:01980a30-…"})
    line_count = fields.Integer()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class CartOut(CartSummary):
    """A cart or list with its lines. `totals` is what those come to that can be ordered, by currency; `complete` says
    whether all of it can be."""

    lines = fields.List(fields.Nested(CartLineOut))
    totals = fields.List(fields.Nested(Money))
    complete = fields.Boolean()
