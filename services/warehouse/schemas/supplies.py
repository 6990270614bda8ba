"""The shapes of inbound supplies."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text, one_of
from warehouse.domain.supplies import STATUSES
from warehouse.schemas.stock import MOST


def _quantity(least: int = 1, **options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, MOST), **options)


class NewSupply(Schema):
    """Goods of one article that are expected in a warehouse."""

    sku = Text(max=80, required=True)
    warehouse = Text(max=40, required=True, metadata={"description": "code or id"})
    quantity = _quantity(required=True)
    expected_on = fields.Date(required=True)
    preorder_quantity = _quantity(
        0,
        metadata={
            "description": "how many of them may be ordered ahead; where left out all, if the article is offered for"
            " that, else none"
        },
    )
    reference = Text(max=200, metadata={"description": "of the delivery, as its purchase order"})


class SupplyChanges(Schema):
    """Fields of a supply to change. Fewer than were ordered ahead are taken as a fact: those orders stay."""

    quantity = _quantity()
    expected_on = fields.Date()
    preorder_quantity = _quantity(0)
    reference = Text(max=200)


class SupplyFilter(Schema):
    """Which supplies to list."""

    sku = Text(max=80)
    warehouse = Text(max=40, metadata={"description": "code or id"})
    status = one_of(*STATUSES)


class SupplyOut(Schema):
    """Goods that are expected. `preordered` are those of all orders that wait for the article ahead of its arrival, and
    `short` so many of them for which no supply is named any more."""

    id = Id(required=True)
    sku = fields.String(required=True)
    warehouse_id = Id(required=True)
    quantity = fields.Integer(required=True)
    preorder_quantity = fields.Integer(required=True)
    received = fields.Integer(required=True)
    expected_on = fields.Date(required=True)
    reference = fields.String(required=True, allow_none=True)
    status = one_of(*STATUSES, required=True)
    preordered = fields.Integer(required=True)
    short = fields.Integer(required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
