"""The shapes of bundles, and of the order of one."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text
from ordering.domain.bundles import LENGTHS, MAX_LINES
from ordering.schemas.carts import CartLineOut
from ordering.schemas.money import quantity
from ordering.schemas.orders import ShipTo
from ordering.schemas.services import Place

_FOR_ROLE = {"description": "the role that is given it; empty: everybody", "example": "Engineer"}
_FOR_UNIT = {"description": "what the departments are called that are given it", "example": "Workshop"}


class BundleLine(Schema):
    """A listing and how many."""

    listing_id = Id(required=True)
    quantity = quantity(required=True)


class BundleChanges(Schema):
    """Fields of a bundle to change; `lines` is stated whole."""

    name = Text(max=LENGTHS["name"])
    description = Text(min=0, max=LENGTHS["description"])
    for_role = Text(max=LENGTHS["for_role"], allow_none=True, metadata=_FOR_ROLE)
    for_org_unit = Text(max=LENGTHS["for_org_unit"], allow_none=True, metadata=_FOR_UNIT)
    lines = fields.List(fields.Nested(BundleLine), validate=validate.Length(1, MAX_LINES))


class NewBundle(BundleChanges):
    """A bundle of a customer, or of the provider for all of them."""

    customer_id = Id(allow_none=True, metadata={"description": "whose it is; null: the provider"})
    name = Text(max=LENGTHS["name"], required=True)
    lines = fields.List(fields.Nested(BundleLine), required=True, validate=validate.Length(1, MAX_LINES))


class BundleFilter(Schema):
    """Which bundles to list."""

    for_role = Text(max=LENGTHS["for_role"])
    for_org_unit = Text(max=LENGTHS["for_org_unit"])


class BundleViewpoint(Schema):
    """For whom to look."""

    customer_id = Id(metadata={"description": "shows the lines as this customer sees them, at its own prices"})


class BundleOut(Schema):
    """A bundle as it is stored."""

    id = Id()
    customer_id = Id(allow_none=True)
    name = fields.String()
    description = fields.String(allow_none=True)
    for_role = fields.String(allow_none=True)
    for_org_unit = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(CartLineOut), metadata={"description": "in a list only listing and quantity"})
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class BundleOrder(Schema):
    """For whom a bundle is ordered, and on whose account."""

    customer_id = Id(required=True)
    times = quantity(load_default=1, metadata={"description": "how many of everything"})
    org_unit = fields.Nested(Place, allow_none=True, metadata={"description": "a department"})
    person = fields.Nested(Place, allow_none=True)
    cost_centre = Text(max=80)
    ship_to = fields.Nested(ShipTo, allow_none=True)
    note = Text(min=0, max=2_000)
