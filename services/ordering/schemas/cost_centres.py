"""The shapes of cost centres."""

from marshmallow import fields

from common.schemas import Flag, Id, Moment, Schema, Text
from ordering.domain.cost_centres import MAX_CODE


class CostCentreChanges(Schema):
    """Fields of a cost centre to change; its code is fixed, since orders name it."""

    name = Text(max=200)
    owner_id = Id(allow_none=True, metadata={"description": "the contact that owns it, whom approval rules may ask"})
    active = fields.Boolean(metadata={"description": "whether new orders may name it"})


class NewCostCentre(CostCentreChanges):
    """A cost centre of a customer, which it and all below it may name."""

    customer_id = Id(required=True)
    code = Text(max=MAX_CODE, required=True, metadata={"description": "capitals do not matter", "example": "4100-IT"})
    name = Text(max=200, required=True)


class CostCentreFilter(Schema):
    """Which cost centres to list."""

    customer_id = Id()
    owner_id = Id()
    active = Flag()


class CostCentreOut(Schema):
    """A cost centre."""

    id = Id()
    customer_id = Id()
    code = fields.String()
    name = fields.String()
    owner_id = Id(allow_none=True)
    active = fields.Boolean()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
