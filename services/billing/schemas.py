"""The shapes of requests and answers."""

from marshmallow import fields

from billing.domain.accounts import DECISIONS
from billing.domain.charges import PARKED_BECAUSE, STATES
from billing.domain.deliveries import SOURCES
from common.schemas import Id, Moment, Schema, Text, one_of


class Money(Schema):
    """An amount of money; below zero where more is given back than charged."""

    amount = fields.String(required=True, metadata={"example": "12.30"})
    currency = fields.String(required=True, metadata={"example": "EUR"})


class Sums(Schema):
    """How many charges, and what they come to in each currency."""

    count = fields.Integer(required=True)
    sums = fields.List(fields.Nested(Money), required=True)


class ChargeFilter(Schema):
    """Which charges to list."""

    state = one_of(*STATES)
    order_id = Id()


class ChargeOut(Schema):
    """What a part of an order's line costs that was delivered, or is given back of such a charge (`credits_id`):
    quantity and amount are then below zero. `parked`: it was delivered while billing was off, and nobody has decided.
    `suspended`: it is billable, and waits while billing is off."""

    id = Id(required=True)
    customer_id = Id(required=True)
    order_id = Id(required=True)
    order_number = fields.String(required=True, allow_none=True)
    line_id = Id(required=True)
    shipment_id = Id(required=True)
    source = one_of(*SOURCES, required=True)
    source_id = Id(required=True, metadata={"description": "of the shipment, return or claim"})
    credits_id = Id(required=True, allow_none=True)
    sku = fields.String(required=True)
    name = fields.String(required=True)
    quantity = fields.Integer(required=True)
    amount = fields.Nested(Money, required=True)
    delivered_on = fields.Date(required=True, metadata={"description": "of a credit, that of what it gives back"})
    state = one_of(*STATES, required=True)
    suspended = fields.Boolean(required=True)
    parked_because = one_of(*PARKED_BECAUSE, required=True, allow_none=True)
    decision_id = Id(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class PendingOut(Schema):
    """What of a customer is parked. `decision_needed`: billing is on again, and somebody has to decide about it."""

    customer_id = Id(required=True)
    customer_number = fields.String(required=True, allow_none=True)
    customer_name = fields.String(required=True, allow_none=True)
    parked = fields.Nested(Sums, required=True)
    since = fields.Date(required=True, allow_none=True, metadata={"description": "the first day of what is parked"})
    billing_enabled = fields.Boolean(required=True)
    decision_needed = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class DecisionOut(Schema):
    """What was decided about parked charges, and what that was about."""

    id = Id(required=True)
    decision = one_of(*DECISIONS, required=True)
    from_day = fields.Date(required=True, allow_none=True, data_key="from")
    reason = fields.String(required=True, allow_none=True, metadata={"description": "null in the portal"})
    count = fields.Integer(required=True)
    sums = fields.List(fields.Nested(Money), required=True)
    actor_label = fields.String(required=True, allow_none=True, metadata={"description": "null in the portal"})
    decided_at = Moment(required=True)


class PendingOfCustomer(Schema):
    """What of a customer is parked and what is billable, and the newest fifty decisions. `suspended`: what is billable
    waits while billing is off. Decisions are about the version that is shown."""

    customer_id = Id(required=True)
    parked = fields.Nested(Sums, required=True)
    since = fields.Date(required=True, allow_none=True)
    billable = fields.Nested(Sums, required=True)
    suspended = fields.Boolean(required=True)
    billing_enabled = fields.Boolean(required=True)
    decision_needed = fields.Boolean(required=True)
    decisions = fields.List(fields.Nested(DecisionOut), required=True)
    version = fields.Integer(required=True)


class NewDecision(Schema):
    """What is to become of what is parked: `bill` makes it billable, from a day on where that is named (what was
    delivered before stays parked); `waive` forgives all of it for good, for a reason."""

    decision = one_of(*DECISIONS, required=True)
    from_day = fields.Date(data_key="from")
    reason = Text(max=500)


class WaitingOut(Schema):
    """What was delivered or came back, and is not charged yet: its order is not known, or not as far as this."""

    source = one_of(*SOURCES, required=True)
    source_id = Id(required=True)
    order_id = Id(required=True)
    line_id = Id(required=True)
    shipment_id = Id(required=True)
    quantity = fields.Integer(required=True)
    delivered_on = fields.Date(required=True)
    received_at = Moment(required=True)


class DriftOut(Schema):
    """The customers whose account differs from its charges."""

    items = fields.List(Id(), required=True)
