"""The shapes of decisions about promised days."""

from marshmallow import fields, validate

from common.schemas import Id, Schema, one_of
from ordering.domain.date_decisions import ANSWERS
from ordering.domain.order_lines import MAX_LINES


class DateAnswer(Schema):
    """What is said to the day of one line."""

    line_id = Id(required=True)
    decision = one_of(*ANSWERS, required=True)


class DateDecisions(Schema):
    """What is said to promised days that have moved."""

    lines = fields.List(fields.Nested(DateAnswer), required=True, validate=validate.Length(min=1, max=MAX_LINES))
