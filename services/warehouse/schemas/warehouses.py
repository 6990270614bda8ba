"""The shapes of warehouses."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text, one_of

KINDS = ("provider", "dedicated")
STATUSES = ("active", "draining", "closed")


class Address(Schema):
    """Where a warehouse is."""

    street = Text(max=200, load_default=None, allow_none=True)
    postal_code = Text(max=20, load_default=None, allow_none=True)
    city = Text(max=100, load_default=None, allow_none=True)
    country = Text(
        min=2, max=2, load_default=None, allow_none=True, metadata={"description": "ISO 3166-1", "example": "GB"}
    )


class WarehouseChanges(Schema):
    """Fields of a warehouse to change. A draining one takes nothing in and sends what is promised; only an empty one
    closes."""

    code = Text(max=40)
    name = Text(max=200)
    status = one_of(*STATUSES)
    address = fields.Nested(Address, allow_none=True)
    priority = fields.Integer(
        strict=True,
        validate=validate.Range(0, 100_000),
        metadata={"description": "goods are taken from the lowest first; 100 where nothing is said"},
    )


class NewWarehouse(Schema):
    """A warehouse: the provider's, or one that serves the customer that is named."""

    code = Text(max=40, required=True)
    name = Text(max=200, required=True)
    customer_id = Id(allow_none=True)
    address = fields.Nested(Address, allow_none=True)
    priority = fields.Integer(strict=True, validate=validate.Range(0, 100_000))


class WarehouseFilter(Schema):
    """Which warehouses to list."""

    status = one_of(*STATUSES)
    kind = one_of(*KINDS)
    customer_id = Id()


class WarehouseOut(Schema):
    """A warehouse."""

    id = Id(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = one_of(*KINDS, required=True)
    customer_id = Id(required=True, allow_none=True)
    status = one_of(*STATUSES, required=True)
    address = fields.Nested(Address, required=True, allow_none=True)
    priority = fields.Integer(required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
