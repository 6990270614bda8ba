"""The shapes of listings."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from ordering.domain.listings import (
    AUDIENCES,
    BACKORDER_POLICIES,
    COMPONENT_KINDS,
    CONFIRMATIONS,
    KINDS,
    LENGTHS,
    MAX_COMPONENTS,
    PERIODS,
    STATUSES,
)
from ordering.domain.pricing import LIST_KINDS, OWNER_PRICE
from ordering.schemas.money import Money, quantity


def _days(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 3_650), **options)


class Component(Schema):
    """What a listing consists of: goods by their SKU, work, or a charge that recurs."""

    kind = one_of(*COMPONENT_KINDS, required=True)
    sku = Text(max=LENGTHS["sku"], metadata={"description": "of goods that a warehouse holds"})
    name = Text(max=LENGTHS["name"], required=True)
    quantity = quantity(required=True)
    period = one_of(*PERIODS, metadata={"description": "of a recurring charge, needed"})


class ListingChanges(Schema):
    """Fields of a listing to change; SKU, kind and owner are fixed, the status has steps of its own."""

    name = Text(max=LENGTHS["name"])
    description = Text(min=0, max=LENGTHS["description"])
    unit = Text(max=LENGTHS["unit"], metadata={"example": "piece"})
    category = Text(min=0, max=LENGTHS["category"])
    components = fields.List(fields.Nested(Component), validate=validate.Length(max=MAX_COMPONENTS))
    audience = one_of(
        *AUDIENCES,
        metadata={
            "description": "`global`: the marketplace; `tree`: its owner and the branches below it; `explicit`: only"
            " those that a catalogue rule names"
        },
    )
    confirmation = one_of(
        *CONFIRMATIONS,
        metadata={
            "description": "of what a customer sells: `owner`, its people say yes or no to each order; `automatic`, it"
            " needs no word of theirs"
        },
    )
    own_price = fields.Nested(
        Money, allow_none=True, metadata={"description": "what the customer that sells it asks for a unit"}
    )
    backorder_policy = one_of(*BACKORDER_POLICIES)
    backorder_cap = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 1_000_000_000))
    lead_days = _days(metadata={"description": "until a back-order is delivered"})
    preorderable = Flag()
    available_from = fields.Date(allow_none=True)
    preorder_from = fields.Date(allow_none=True)
    preorder_until = fields.Date(allow_none=True, metadata={"description": "its last day"})
    return_days = _days(
        metadata={"description": "how long after delivery it may be returned; null: as long as is usual, 0: not at all"}
    )


class NewListing(ListingChanges):
    """A listing; it begins as a draft that nobody else sees."""

    sku = Text(max=LENGTHS["sku"], required=True)
    name = Text(max=LENGTHS["name"], required=True)
    kind = one_of(*KINDS, required=True)
    unit = Text(max=LENGTHS["unit"], load_default="piece")
    owner_id = Id(allow_none=True, metadata={"description": "the customer that sells it; null: the provider"})


class ListingFilter(Schema):
    """Which listings to show, and to whom."""

    q = Text(max=LENGTHS["query"], metadata={"description": "words of SKU, name, category or description"})
    category = Text(max=LENGTHS["category"])
    status = one_of(*STATUSES)
    kind = one_of(*KINDS)
    owner_id = Id()
    selling = Flag(metadata={"description": "in the portal: what the caller's own customers sell, in every status"})
    customer_id = Id(
        metadata={"description": "shows what this customer sees, at its own prices; in the portal its own customer"}
    )


class Viewpoint(Schema):
    """For whom to look."""

    customer_id = Id(metadata={"description": "shows it as this customer sees it, at its own price"})
    selling = Flag(metadata={"description": "in the portal: shows it as one that the caller's own customer sells"})


class ListSource(Schema):
    """The list that a price comes from; of kind `owner` it comes from no list, but from who sells it."""

    list_id = Id(allow_none=True)
    list_code = fields.String(allow_none=True)
    kind = one_of(*LIST_KINDS, OWNER_PRICE)
    min_quantity = fields.Integer(metadata={"description": "the quantity from which the price holds"})


class ListingOut(Schema):
    """A listing. `price` is what one unit costs the customer for whom it is shown, null where it has no price; it is
    left out where no customer is named or the caller may not see prices, and its source where it is the portal that
    asks. `own_price` is told to who sells it and to staff."""

    id = Id()
    sku = fields.String()
    name = fields.String()
    description = fields.String(allow_none=True)
    kind = one_of(*KINDS)
    unit = fields.String()
    category = fields.String(allow_none=True)
    components = fields.List(fields.Nested(Component))
    owner_id = Id(allow_none=True)
    audience = one_of(*AUDIENCES)
    status = one_of(*STATUSES)
    backorder_policy = one_of(*BACKORDER_POLICIES)
    backorder_cap = fields.Integer(allow_none=True)
    lead_days = fields.Integer(allow_none=True)
    preorderable = fields.Boolean()
    available_from = fields.Date(allow_none=True)
    preorder_from = fields.Date(allow_none=True)
    preorder_until = fields.Date(allow_none=True)
    return_days = fields.Integer(allow_none=True)
    confirmation = one_of(*CONFIRMATIONS)
    own_price = fields.Nested(Money, allow_none=True)
    price = fields.Nested(Money, allow_none=True)
    price_source = fields.Nested(ListSource, allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
