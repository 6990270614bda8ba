"""The shapes of location groups."""

from marshmallow import fields

from common.schemas import Flag, Id, Moment, Schema, Text
from customer.domain.location_groups import NAME_LENGTH


class LocationGroupChanges(Schema):
    """Another name, or another place in the tree; null for the parent puts it at the top."""

    name = Text(max=NAME_LENGTH)
    parent_id = Id(allow_none=True)


class NewLocationGroup(LocationGroupChanges):
    """A location group, at the top or below another one."""

    name = Text(max=NAME_LENGTH, required=True, metadata={"example": "Harbour quarter"})


class LocationGroupFilter(Schema):
    """Which part of the tree."""

    parent_id = Id(metadata={"description": "those directly below this one"})
    top = Flag(metadata={"description": "those at the top of the tree"})


class LocationGroupName(Schema):
    """A location group by name."""

    id = Id()
    name = fields.String()


class LocationGroupOut(Schema):
    """A location group with its place in the tree and what it holds."""

    id = Id()
    name = fields.String()
    parent_id = Id(allow_none=True)
    path = fields.List(
        fields.Nested(LocationGroupName), metadata={"description": "the groups above it, from the top down"}
    )
    groups = fields.Integer(metadata={"description": "location groups directly below"})
    properties = fields.Integer(metadata={"description": "properties that are directly in it"})
    properties_in_subtree = fields.Integer()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
