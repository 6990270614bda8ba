"""The shapes of a customer's own warehouse."""

from marshmallow import fields

from common.schemas import Id, Schema, Text, one_of
from warehouse.domain.warehouses import STATES
from warehouse.schemas.warehouses import Address, WarehouseOut

BLOCKERS = ("stock", "promises", "shipments", "returns", "transfers")


class ProvidedWarehouse(Schema):
    """The warehouse that a customer gets: the one that is named, or a new one, for which the other fields count."""

    warehouse = Text(
        max=40, metadata={"description": "code or id of an empty one of the provider's, or of its own closed one"}
    )
    code = Text(max=40, metadata={"description": "the customer's number where nothing is said"})
    name = Text(max=200)
    address = fields.Nested(Address, allow_none=True)


class Switch(Schema):
    """What counts for the customer, and which scope decided it."""

    key = fields.String(required=True)
    effective = one_of("on", "off", required=True)
    active = fields.Boolean(required=True)
    source = fields.String(required=True)


class Blocker(Schema):
    """What keeps the warehouse from being closed: how many, of how many pieces, and the newest twenty of them."""

    kind = one_of(*BLOCKERS, required=True)
    count = fields.Integer(required=True)
    quantity = fields.Integer(required=True, allow_none=True)
    ids = fields.List(Id(), required=True)


class WarehouseOfCustomer(Schema):
    """How a customer's own warehouse stands. `draining`: nothing comes in, what is promised and on its way ends. `next`
    says what to do."""

    customer_id = Id(required=True)
    switch = fields.Nested(Switch, required=True)
    state = one_of(*STATES, required=True)
    warehouse = fields.Nested(WarehouseOut, required=True, allow_none=True)
    blockers = fields.List(fields.Nested(Blocker), required=True)
    next = fields.String(required=True)
