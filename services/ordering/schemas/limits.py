"""The shapes of purchase limits and exchange rates."""

from marshmallow import fields, validate

from common.schemas import DecimalText, Id, Moment, Schema, Text, one_of
from ordering.domain.approval_facts import ROLES
from ordering.domain.cost_centres import MAX_CODE
from ordering.domain.limits import ACTIONS, BASES, KINDS, LIMIT_STATUSES, PERIODS, SCOPES
from ordering.schemas.money import Money, currency


class LimitChanges(Schema):
    """Fields of a purchase limit to change; whom it binds and what it counts is fixed."""

    name = Text(max=200)
    amount = fields.Nested(
        Money, allow_none=True, metadata={"description": "of a limit of money; null is no limit, 0 allows nothing"}
    )
    quantity = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, 10**12),
        metadata={"description": "of a limit of quantities; null is no limit, 0 allows nothing"},
    )
    time_zone = Text(max=64, metadata={"description": "by whose clocks periods begin", "example": "Europe/Vienna"})
    action = one_of(*ACTIONS)
    status = one_of(*LIMIT_STATUSES)
    gives_back = fields.Boolean(
        metadata={
            "description": "whether goods that come back and are accepted may be ordered again; by default they may"
        }
    )
    near_percent = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(1, 100),
        metadata={
            "description": "from how many percent on it is told, once in a period, that little is left; 80 where it is"
            " left out, null for never"
        },
    )
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True, metadata={"description": "its last day"})


class NewLimit(LimitChanges):
    """A limit of what may be ordered."""

    customer_id = Id(required=True)
    name = Text(max=200, required=True)
    scope = one_of(
        *SCOPES,
        required=True,
        metadata={
            "description": "`user`: one account; `role`: each holder of a role; `branch`: this customer alone;"
            " `company`: this customer and all below it together; `cost_centre`: of these the lines that bear its code"
        },
    )
    account_id = Id(metadata={"description": "of the scope user"})
    role = one_of(*ROLES, metadata={"description": "of the scope role"})
    cost_centre = Text(max=MAX_CODE, metadata={"description": "of the scope cost_centre: its code"})
    kind = one_of(*KINDS, required=True)
    period = one_of(
        *PERIODS,
        metadata={
            "description": "in which what is ordered adds up, `none` for ever; needed with per_period, and without it"
            " qty_per_sku counts in each order alone"
        },
    )
    sku = Text(max=60, metadata={"description": "of a limit of quantities; without it each SKU has its own"})
    basis = one_of(*BASES, load_default="net")


class LimitFilter(Schema):
    """Which limits to list."""

    customer_id = Id()
    account_id = Id()
    status = one_of(*LIMIT_STATUSES)


class LimitOut(Schema):
    """A purchase limit."""

    id = Id()
    customer_id = Id()
    name = fields.String()
    scope = one_of(*SCOPES)
    account_id = Id(allow_none=True)
    role = fields.String(allow_none=True)
    cost_centre = fields.String(allow_none=True)
    kind = one_of(*KINDS)
    period = one_of(*PERIODS, allow_none=True)
    time_zone = fields.String()
    amount = fields.Nested(Money, allow_none=True)
    quantity = fields.Integer(allow_none=True)
    sku = fields.String(allow_none=True)
    basis = one_of(*BASES)
    action = one_of(*ACTIONS)
    status = one_of(*LIMIT_STATUSES)
    gives_back = fields.Boolean()
    near_percent = fields.Integer(allow_none=True)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class UsageOut(Schema):
    """What is used of a limit in one period: amounts, or quantities."""

    period_start = fields.Date(metadata={"description": "1970-01-01 where the limit never starts again"})
    account_id = Id(allow_none=True, metadata={"description": "of a limit of a role: whose"})
    sku = fields.String(allow_none=True)
    used = fields.Nested(Money)
    remaining = fields.Nested(Money, allow_none=True)
    used_quantity = fields.Integer()
    remaining_quantity = fields.Integer(allow_none=True)
    exceeded = fields.Boolean()


class Rate(Schema):
    """How many units of one currency a unit of another is worth, on a day."""

    base = currency(required=True)
    quote = currency(required=True)
    as_of = fields.Date(required=True)
    rate = DecimalText(whole=9, places=10, positive=True, required=True, metadata={"example": "0.95"})
    source = Text(max=60, required=True, metadata={"example": "ECB"})


class Rates(Schema):
    """Rates to store, in place of those of the same day."""

    rates = fields.List(fields.Nested(Rate), required=True, validate=validate.Length(min=1, max=500))


class RateOut(Rate):
    """A stored rate."""

    updated_at = Moment()
