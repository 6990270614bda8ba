"""The shapes of requests and answers."""

from marshmallow import fields

from automation.domain import CLOSED, OPEN
from common.schemas import Id, Moment, Schema, Text, one_of


class NewEntry(Schema):
    """What an entry is made of."""

    customer_id = Id(required=True)
    title = Text(max=200, required=True)


class EntryFilter(Schema):
    """Which entries to list."""

    customer_id = Id()
    status = one_of(OPEN, CLOSED)


class EntryOut(Schema):
    """An entry."""

    id = Id(required=True)
    customer_id = Id(required=True)
    customer_name = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    status = one_of(OPEN, CLOSED, required=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)
