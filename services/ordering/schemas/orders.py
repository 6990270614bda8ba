"""The shapes of orders."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from common.schemas import DecimalText, Flag, Id, Moment, Schema, Text, one_of
from ordering.domain.cost_centres import MAX_CODE
from ordering.domain.date_decisions import DECISIONS
from ordering.domain.order_lines import MAX_LINES, MAX_QUANTITY
from ordering.domain.orders import SHIP_POLICIES, SOURCES, STATUSES
from ordering.domain.sales import STATES
from ordering.schemas.order_returns import OrderClaim, OrderExchange, OrderReturn

_MAX_NUMBER = 80
_MAX_NOTE = 2_000
_MAX_REASON = 500


def _quantity(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=1, max=MAX_QUANTITY), **options)


class OrderMoney(Schema):
    """An amount of money; as many decimals as its currency has, at most."""

    amount = Text(
        max=20,
        required=True,
        validate=validate.Regexp(r"^\d{1,15}(\.\d{1,4})?$", error="Write an amount as 12.30."),
        metadata={"example": "12.30"},
    )
    currency = Text(
        min=3,
        max=3,
        required=True,
        validate=validate.Regexp("^[A-Z]{3}$", error="Write a currency as EUR."),
        metadata={"description": "ISO 4217", "example": "EUR"},
    )


class ShipTo(Schema):
    """Where an order goes; frozen on it."""

    name = Text(min=0, max=200, load_default=None)
    line1 = Text(max=200, required=True)
    line2 = Text(min=0, max=200, load_default=None)
    city = Text(max=120, required=True)
    region = Text(min=0, max=120, load_default=None)
    postal_code = Text(min=0, max=40, load_default=None)
    country = Text(min=2, max=2, required=True, metadata={"description": "ISO 3166-1 alpha-2", "example": "DE"})


class NewOrderLine(Schema):
    """A line: a listing and how many. Price and discount are the provider's to give."""

    listing_id = Id(required=True)
    quantity = _quantity(required=True)
    requested_on = fields.Date(allow_none=True)
    cost_centre = Text(min=0, max=MAX_CODE, metadata={"description": "instead of the order's"})
    unit_price = fields.Nested(OrderMoney, metadata={"description": "staff only; instead of the price that is found"})
    discount = DecimalText(
        whole=1,
        places=4,
        at_most=1,
        metadata={"description": "staff only; a part of one: 0.15 is 15 %", "example": "0.15"},
    )


def _lines() -> fields.List[Any]:
    return fields.List(fields.Nested(NewOrderLine), validate=validate.Length(max=MAX_LINES))


class OrderChanges(Schema):
    """Fields of a draft to change; `lines` is stated whole, and costs what it costs today."""

    lines = _lines()
    po_number = Text(min=0, max=_MAX_NUMBER)
    cost_centre = Text(
        min=0, max=MAX_CODE, metadata={"description": "the code of one that is in use when the order is submitted"}
    )
    external_number = Text(
        min=0, max=_MAX_NUMBER, metadata={"description": "staff only; its number elsewhere, once for each customer"}
    )
    ship_to = fields.Nested(ShipTo, allow_none=True)
    requested_on = fields.Date(allow_none=True)
    ship_policy = one_of(*SHIP_POLICIES)
    note = Text(min=0, max=_MAX_NOTE)


class NewOrder(OrderChanges):
    """An order of a customer, which begins as a draft: of lines, or of what lies in a cart."""

    customer_id = Id(required=True)
    currency = Text(
        min=3,
        max=3,
        metadata={"description": "ISO 4217; of the first price that is found where left out", "example": "EUR"},
    )
    cart_id = Id(metadata={"description": "instead of `lines`; the cart is empty afterwards"})

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if ("lines" in data) == ("cart_id" in data):
            raise ValidationError("Give either lines or a cart.", "lines")


class Submission(Schema):
    """How to submit."""

    revision = fields.Integer(strict=True, metadata={"description": "of the content that you have seen; else any"})
    accept_prices = Flag(metadata={"description": "also where prices rose since the draft was made"})
    override_reason = Text(
        max=_MAX_REASON, metadata={"description": "staff only; why the customer gets what it does not see"}
    )


class Confirmation(Schema):
    """How to confirm."""

    revision = fields.Integer(strict=True, metadata={"description": "of the content that you have seen; else any"})
    accept_shortage = Flag(metadata={"description": "give up what is missing and may not wait"})


class Decline(Schema):
    """Why not."""

    revision = fields.Integer(strict=True)
    reason = Text(max=_MAX_REASON, required=True)


class Cancellation(Schema):
    """Why not any more."""

    reason = Text(max=_MAX_REASON, required=True)


class ProvidedLine(Schema):
    """What was provided of a line."""

    line_id = Id(required=True)
    quantity = _quantity(metadata={"description": "all that is open where left out"})


class Provision(Schema):
    """What was provided that needs no stock."""

    lines = fields.List(fields.Nested(ProvidedLine), required=True, validate=validate.Length(min=1, max=MAX_LINES))


class OrderFilter(Schema):
    """Which orders to list. `customer_status` with `open` finds those of archived customers that need a decision."""

    customer_id = Id()
    status = one_of(*STATUSES)
    open = Flag(metadata={"description": "whether it has not ended"})
    customer_status = Text(max=40)
    on_hold = Flag()
    q = Text(max=_MAX_NUMBER, metadata={"description": "the beginning of a number, PO number or external number"})


class OrderCustomer(Schema):
    """Whose order it is."""

    id = Id()
    number = fields.String(allow_none=True)
    name = fields.String(allow_none=True)


class Requester(Schema):
    """Who made it; without an id where a program did."""

    id = Id(allow_none=True)
    label = fields.String(allow_none=True)


class OrderSummary(Schema):
    """An order in a list."""

    id = Id()
    number = fields.String()
    customer_id = Id()
    customer = fields.Nested(OrderCustomer)
    requester = fields.Nested(Requester)
    status = one_of(*STATUSES)
    hold_reasons = fields.List(fields.String())
    source = one_of(*SOURCES)
    po_number = fields.String(allow_none=True)
    cost_centre = fields.String(allow_none=True)
    external_number = fields.String(allow_none=True)
    ordered_on = fields.Date(allow_none=True, metadata={"description": "where it was ordered before it came here"})
    requested_on = fields.Date(allow_none=True)
    total = fields.Nested(OrderMoney, allow_none=True)
    reason = fields.String(allow_none=True)
    placed_at = Moment(allow_none=True)
    confirmed_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class DateDecisionOut(Schema):
    """What a buyer decides about a promised day that has moved. While it is `open` nothing changes: silence keeps the
    order."""

    agreed_on = fields.Date(metadata={"description": "the day that the buyer knew and was content with"})
    promised_on = fields.Date()
    decision = one_of(*DECISIONS)
    asked_at = Moment()
    decided_at = Moment(allow_none=True)


class OrderLineOut(Schema):
    """A line of an order, and how far it is."""

    id = Id()
    position = fields.Integer()
    listing_id = Id()
    sku = fields.String()
    name = fields.String()
    kind = fields.String()
    unit = fields.String()
    quantity = fields.Integer()
    unit_price = fields.Nested(OrderMoney, allow_none=True)
    discount = fields.String(allow_none=True, metadata={"example": "0.15"})
    total = fields.Nested(OrderMoney, allow_none=True)
    price_source = fields.Dict(allow_none=True)
    seller_id = Id(allow_none=True, metadata={"description": "the customer that sells it; null: the provider"})
    supply_mode = fields.String()
    backorder_allowed = fields.Boolean()
    requested_on = fields.Date(allow_none=True)
    promised_on = fields.Date(allow_none=True)
    cost_centre = fields.String(allow_none=True)
    date_decision = fields.Nested(DateDecisionOut, allow_none=True)
    quantity_reserved = fields.Integer()
    quantity_allocated = fields.Integer()
    quantity_backordered = fields.Integer()
    quantity_shipped = fields.Integer()
    quantity_cancelled = fields.Integer()
    quantity_cancelling = fields.Integer(
        metadata={"description": "to be given up, as soon as the warehouse has let go of it"}
    )
    quantity_returned = fields.Integer(metadata={"description": "of what was shipped, accepted back"})


class OrderShipment(Schema):
    """A shipment of an order, as the warehouse has told it."""

    id = Id()
    number = fields.String()
    status = fields.String()
    tracking = fields.Dict(allow_none=True)
    shipped_at = Moment(allow_none=True)
    lines = fields.List(fields.Dict())


class Assigned(Schema):
    """For which department and person: what an order provides belongs to them."""

    org_unit = fields.Dict(allow_none=True)
    person = fields.Dict(allow_none=True)


class OrderSeller(Schema):
    """A customer that sells something of the order, and its word on it."""

    seller_id = Id()
    state = one_of(*STATES)
    decided_at = Moment(allow_none=True)


class OrderOut(OrderSummary):
    """An order with everything about it. `commands` are those that its status takes now."""

    company_path = fields.List(fields.Dict())
    revision = fields.Integer()
    ship_policy = one_of(*SHIP_POLICIES)
    ship_to = fields.Nested(ShipTo, allow_none=True)
    note = fields.String(allow_none=True)
    override_reason = fields.String(allow_none=True)
    settings_snapshot = fields.Dict(allow_none=True)
    fulfilment_status = one_of("none", "partial", "full")
    return_status = one_of("none", "partial", "full")
    allocation_status = one_of("none", "partial", "full", "waiting_supply")
    commands = fields.List(fields.String())
    assignment = fields.Nested(Assigned, allow_none=True)
    lines = fields.List(fields.Nested(OrderLineOut))
    sellers = fields.List(fields.Nested(OrderSeller), metadata={"description": "who has to say yes, or has said it"})
    shipments = fields.List(fields.Nested(OrderShipment))
    exchange = fields.Nested(OrderExchange, allow_none=True)
    returns = fields.List(fields.Nested(OrderReturn))
    claims = fields.List(fields.Nested(OrderClaim))


class SubmittedOut(OrderOut):
    """A submitted order, and what is told besides."""

    warnings = fields.List(one_of("po_number_used"))


class Difference(Schema):
    """How a line of a new draft differs from the order that it repeats."""

    position = fields.Integer()
    sku = fields.String()
    name = fields.String()
    what = one_of("unavailable", "unit_price")
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class ReorderOut(OrderOut):
    """A new draft, and what differs from the order that it repeats."""

    differences = fields.List(fields.Nested(Difference))


class OrphanOut(Schema):
    """An order or a reservation that waits for the other side for too long."""

    kind = one_of("reservation_without_order", "order_without_reservation")
    order_id = Id()
    number = fields.String(allow_none=True)
    customer_id = Id()
    status = fields.String(allow_none=True, metadata={"description": "of the order; null where there is none"})
    reservation_state = fields.String(allow_none=True)
    since = Moment()
