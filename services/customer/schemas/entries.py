"""The shapes of entries in an ordered list that an administrator keeps: stages of deals, roles of contacts."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text
from customer.domain.limits import LENGTHS
from customer.schemas.links import code


class EntryChanges(Schema):
    """Fields of an entry to change; its code is fixed."""

    label = Text(max=LENGTHS["label"])
    position = fields.Integer(
        strict=True,
        validate=validate.Range(0, 10_000),
        metadata={"description": "its place, from low to high"},
    )


class NewEntry(EntryChanges):
    """An entry; without a position it comes last."""

    code = code()
    label = Text(max=LENGTHS["label"], required=True)


class EntryOut(Schema):
    """An entry as it is stored."""

    id = Id()
    code = fields.String()
    label = fields.String()
    position = fields.Integer()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
