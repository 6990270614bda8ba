"""The shapes of stock."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from common.schemas import Id, Moment, Schema, Text, one_of

MOST = 1_000_000_000
MOST_LINES = 500
KINDS = ("receipt", "shipment", "adjustment", "count", "transfer_in", "transfer_out", "return")


class Money(Schema):
    """An amount of money; as many decimals as its currency has, at most."""

    amount = Text(
        max=20,
        required=True,
        validate=validate.Regexp(r"^\d{1,15}(\.\d{1,4})?$", error="Write an amount as 12.30."),
        metadata={"example": "12.30"},
    )
    currency = Text(
        max=3,
        required=True,
        validate=validate.Regexp(r"^[A-Z]{3}$", error="Write a currency as EUR."),
        metadata={"description": "ISO 4217", "example": "EUR"},
    )


class ReceivedLine(Schema):
    """Goods of one article that arrive."""

    sku = Text(max=80, required=True)
    quantity = fields.Integer(strict=True, required=True, validate=validate.Range(1, MOST))
    unit_cost = fields.Nested(Money, metadata={"description": "of one unit; the average follows it"})
    owner_id = Id(metadata={"description": "the customer that owns the goods; the provider does where left out"})
    supply_id = Id(metadata={"description": "the inbound supply that they belong to; what is missing stays expected"})


class Receipt(Schema):
    """Goods that arrive together."""

    warehouse = Text(max=40, required=True, metadata={"description": "code or id"})
    lines = fields.List(fields.Nested(ReceivedLine), required=True, validate=validate.Length(min=1, max=MOST_LINES))
    reference = Text(max=200, metadata={"description": "of the delivery, as its purchase order"})


class AdjustedLine(Schema):
    """One article that is put right: by a `change`, or to what was counted (`on_hand`)."""

    sku = Text(max=80, required=True)
    change = fields.Integer(strict=True, validate=validate.Range(-MOST, MOST))
    on_hand = fields.Integer(strict=True, validate=validate.Range(0, MOST))
    owner_id = Id()

    @validates_schema
    def _check(self, data: Mapping[str, Any], **_options: Any) -> None:
        if ("change" in data) == ("on_hand" in data):
            raise ValidationError("Give either `change` or `on_hand`.", "change")
        if data.get("change") == 0:
            raise ValidationError("Must not be zero.", "change")


class Adjustment(Schema):
    """What is on hand, put right for a reason."""

    warehouse = Text(max=40, required=True, metadata={"description": "code or id"})
    lines = fields.List(fields.Nested(AdjustedLine), required=True, validate=validate.Length(min=1, max=MOST_LINES))
    reason = Text(max=500, required=True)


class ReleasedLine(Schema):
    """Goods of one article that are no longer kept apart."""

    sku = Text(max=80, required=True)
    quantity = fields.Integer(strict=True, required=True, validate=validate.Range(1, MOST))
    owner_id = Id()
    to = one_of("shelf", "gone", required=True, metadata={"description": "`gone`: scrapped, repaired, or sent away"})


class QuarantineRelease(Schema):
    """Goods that leave quarantine, for a reason."""

    warehouse = Text(max=40, required=True, metadata={"description": "code or id"})
    lines = fields.List(fields.Nested(ReleasedLine), required=True, validate=validate.Length(min=1, max=MOST_LINES))
    reason = Text(max=500, required=True)


class StockChanges(Schema):
    """What of a balance is set, not moved."""

    safety_stock = fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(0, MOST),
        metadata={"description": "how much is promised to nobody"},
    )


class StockFilter(Schema):
    """Which stock to list."""

    warehouse = Text(max=40, metadata={"description": "code or id"})
    sku = Text(max=80)
    q = Text(max=100, metadata={"description": "part of an article's number or name"})


class Place(Schema):
    """A warehouse, in short."""

    id = Id(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class BalanceOut(Schema):
    """The stock of one article and owner in one warehouse. `available` is on hand less reserved, allocated and safety
    stock; below zero after goods were found missing. `average_cost` is null for who may not see it."""

    id = Id(required=True)
    warehouse = fields.Nested(Place, required=True)
    sku = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    owner_id = Id(required=True, allow_none=True)
    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    allocated = fields.Integer(required=True)
    quarantine = fields.Integer(required=True)
    safety_stock = fields.Integer(required=True)
    available = fields.Integer(required=True)
    average_cost = fields.Nested(Money, required=True, allow_none=True)
    updated_at = Moment(required=True)


class BalancesOut(Schema):
    """The balances that a receipt or adjustment changed, as they are now."""

    balances = fields.List(fields.Nested(BalanceOut), required=True)


class MovementFilter(Schema):
    """Which movements to list."""

    warehouse_id = Id()
    balance_id = Id()
    shipment_id = Id()
    sku = Text(max=80)
    kind = one_of(*KINDS)


class MovementOut(Schema):
    """A movement of stock; they are only ever added. `unit_cost` is null for who may not see it."""

    id = Id(required=True)
    balance_id = Id(required=True)
    warehouse_id = Id(required=True)
    sku = fields.String(required=True)
    owner_id = Id(required=True, allow_none=True)
    kind = one_of(*KINDS, required=True)
    pool = one_of("on_hand", "quarantine", required=True)
    quantity = fields.Integer(required=True)
    unit_cost = fields.Nested(Money, required=True, allow_none=True)
    reference = fields.String(required=True, allow_none=True)
    shipment_id = Id(required=True, allow_none=True)
    actor_label = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)


class AvailabilityFilter(Schema):
    """For whom, and of what."""

    customer_id = Id(required=True)
    sku = fields.List(Text(max=80), required=True, validate=validate.Length(min=1, max=100))


class PlaceAvailability(Schema):
    """How much there is in one warehouse."""

    warehouse_id = Id(required=True)
    available = fields.Integer(required=True)


class NextSupply(Schema):
    """What is expected next. `quantity` is null for who sees yes or no only."""

    expected_on = fields.Date(required=True)
    quantity = fields.Integer(required=True, allow_none=True)


class ArticleAvailability(Schema):
    """Whether a customer could get an article now, and what comes next. How much, and from where, is null for who sees
    yes or no only."""

    sku = fields.String(required=True)
    is_available = fields.Boolean(required=True)
    available = fields.Integer(required=True, allow_none=True)
    warehouses = fields.List(fields.Nested(PlaceAvailability), required=True, allow_none=True)
    next_supply = fields.Nested(NextSupply, required=True, allow_none=True)


class AvailabilityOut(Schema):
    """What a customer could get now."""

    items = fields.List(fields.Nested(ArticleAvailability), required=True)


class DriftRow(Schema):
    """A balance that differs from the sums that it stands for."""

    balance_id = Id(required=True)
    warehouse_id = Id(required=True)
    sku = fields.String(required=True)
    on_hand = fields.Integer(required=True)
    moved = fields.Integer(required=True)
    quarantine = fields.Integer(required=True)
    moved_apart = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    reserved_by_orders = fields.Integer(required=True)
    allocated = fields.Integer(required=True)
    allocated_to_orders = fields.Integer(required=True)


class DriftOut(Schema):
    """All such balances, 200 at most; there should be none."""

    items = fields.List(fields.Nested(DriftRow), required=True)
