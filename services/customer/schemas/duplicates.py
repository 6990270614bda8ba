"""The shapes of possible duplicates."""

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.duplicates import KINDS
from customer.domain.limits import LENGTHS, STATUSES


class DuplicateOut(Schema):
    """A stored customer that a new one may be: better opened, or restored where it is archived."""

    customer_id = Id()
    number = fields.String()
    name = fields.String()
    status = one_of(*STATUSES)
    score = fields.Float(metadata={"description": "0 to 1; from 0.9 on it counts as strong"})
    reasons = fields.List(one_of(*KINDS))
    instead = one_of("open", "restore")


class PairSide(Schema):
    """One customer of a pair."""

    id = Id()
    number = fields.String()
    name = fields.String()
    status = one_of(*STATUSES)


class DismissalOut(Schema):
    """Who decided that the two are different, and why."""

    by = fields.String()
    reason = fields.String()
    at = Moment()


class PairOut(Schema):
    """Two customers that may be one."""

    id = Id()
    customers = fields.List(fields.Nested(PairSide))
    score = fields.Float()
    reasons = fields.List(one_of(*KINDS))
    state = one_of("open", "dismissed")
    dismissal = fields.Nested(DismissalOut, allow_none=True)
    found_at = Moment()
    version = fields.Integer()


class PairsOfCustomer(Schema):
    """Which pairs of one customer."""

    state = fields.String(load_default="open", validate=validate.OneOf(["open", "dismissed"]))


class Pairs(PairsOfCustomer):
    """Which pairs of the queue."""

    strong = Flag(load_default=False, metadata={"description": "only those from 0.9 on"})


class Dismissal(Schema):
    """Why the two are different."""

    reason = Text(max=LENGTHS["reason"], required=True)
