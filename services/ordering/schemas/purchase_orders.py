"""The shapes of rules of purchase order numbers, and of purchase orders."""

from marshmallow import fields

from common.schemas import Id, Moment, Schema, Text, one_of
from ordering.domain.purchase_orders import MASK_LENGTH, REFUSE, RULE_STATUSES, STATUSES, UNIQUENESS
from ordering.schemas.money import Money


class PoRuleChanges(Schema):
    """Parts of a rule to change."""

    required_from = fields.Nested(
        Money,
        allow_none=True,
        metadata={"description": "the total from which an order needs a number; 0 is always, null never"},
    )
    mask = Text(
        min=0,
        max=MASK_LENGTH,
        metadata={
            "description": "how a number looks: `#` is a digit, `@` a letter, `*` one of both, all else itself",
            "example": "PO-######",
        },
    )
    unique = one_of(
        *UNIQUENESS,
        metadata={
            "description": "whether a number that another order of the company has is refused or only told; a purchase"
            " order with an amount may always be used until it is drawn down"
        },
    )
    status = one_of(*RULE_STATUSES)


class NewPoRule(PoRuleChanges):
    """What a company asks of purchase order numbers; the rule of the nearest node counts for a branch."""

    customer_id = Id(required=True)
    unique = one_of(*UNIQUENESS, load_default=REFUSE)


class PoRuleOut(Schema):
    """A rule of purchase order numbers."""

    id = Id()
    customer_id = Id()
    required_from = fields.Nested(Money, allow_none=True)
    mask = fields.String(allow_none=True)
    unique = one_of(*UNIQUENESS)
    status = one_of(*RULE_STATUSES)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class PoRuleFilter(Schema):
    """Which rules to list."""

    customer_id = Id()


class PurchaseOrderChanges(Schema):
    """Parts of a purchase order to change; an amount may be below what is drawn, and then nothing more is."""

    amount = fields.Nested(Money)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True, metadata={"description": "its last day"})


class NewPurchaseOrder(PurchaseOrderChanges):
    """A purchase order that orders with its number draw down."""

    customer_id = Id(required=True)
    number = Text(max=80, required=True, metadata={"example": "PO-004711"})
    amount = fields.Nested(Money, required=True)


class PurchaseOrderOut(Schema):
    """A purchase order, and what is left of it."""

    id = Id()
    customer_id = Id()
    number = fields.String()
    amount = fields.Nested(Money)
    drawn = fields.Nested(Money)
    remaining = fields.Nested(Money)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    status = one_of(*STATUSES)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class PurchaseOrderFilter(Schema):
    """Which purchase orders to list."""

    customer_id = Id()
    number = Text(max=80)
    status = one_of(*STATUSES)


class DrawdownOut(Schema):
    """What an order has drawn."""

    order_id = Id()
    order_number = fields.String(allow_none=True)
    order_status = fields.String(allow_none=True)
    amount = fields.Nested(Money, metadata={"description": "less what was given back"})
    updated_at = Moment()
