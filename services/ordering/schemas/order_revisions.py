"""The shapes of changes to orders that were submitted."""

from marshmallow import fields, validate

from common.schemas import Id, Schema, Text
from ordering.domain.cost_centres import MAX_CODE
from ordering.domain.order_lines import MAX_LINES, MAX_QUANTITY

_MAX_REASON = 500


class RevisedLine(Schema):
    """How a line is from now on; what is left out stays."""

    line_id = Id(required=True)
    quantity = fields.Integer(
        strict=True,
        validate=validate.Range(min=0, max=MAX_QUANTITY),
        metadata={"description": "in all, with what has left; 0 gives the line up"},
    )
    requested_on = fields.Date(allow_none=True)


class AddedLine(Schema):
    """A line that an order has besides, at the price of today."""

    listing_id = Id(required=True)
    quantity = fields.Integer(strict=True, required=True, validate=validate.Range(min=1, max=MAX_QUANTITY))
    requested_on = fields.Date(allow_none=True)
    cost_centre = Text(max=MAX_CODE, metadata={"description": "instead of the order's"})


class Revision(Schema):
    """What changes of an order."""

    revision = fields.Integer(strict=True, metadata={"description": "of the content that you have seen; else any"})
    lines = fields.List(fields.Nested(RevisedLine), validate=validate.Length(max=MAX_LINES))
    added = fields.List(fields.Nested(AddedLine), validate=validate.Length(max=MAX_LINES))
    requested_on = fields.Date(allow_none=True)
    reason = Text(max=_MAX_REASON)


class Withdrawal(Schema):
    """Why an order is taken back."""

    revision = fields.Integer(strict=True, metadata={"description": "of the content that you have seen; else any"})
    reason = Text(max=_MAX_REASON)


class ReducedLine(Schema):
    """How many of a line stay."""

    line_id = Id(required=True)
    quantity = fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(min=0, max=MAX_QUANTITY),
        metadata={"description": "at most what it was; 0 drops the line"},
    )


class Reduction(Schema):
    """What an approver leaves of an order."""

    version = fields.Integer(
        strict=True, required=True, metadata={"description": "of the approval as you have read it"}
    )
    on_behalf_of = Id(metadata={"description": "in whose place, where somebody lets you decide"})
    lines = fields.List(fields.Nested(ReducedLine), required=True, validate=validate.Length(min=1, max=MAX_LINES))


class CancelledLine(Schema):
    """How much of a line is given up."""

    line_id = Id(required=True)
    quantity = fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=MAX_QUANTITY),
        metadata={"description": "all that is open where left out"},
    )


class LineCancellation(Schema):
    """What of an order is given up, and why."""

    revision = fields.Integer(strict=True, metadata={"description": "of the content that you have seen; else any"})
    lines = fields.List(fields.Nested(CancelledLine), required=True, validate=validate.Length(min=1, max=MAX_LINES))
    reason = Text(max=_MAX_REASON, required=True)
