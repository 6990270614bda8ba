"""The shapes of links between customers, and of their types."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.limits import KINDS, LENGTHS, STATUSES
from customer.domain.links import DIRECTIONS


def code() -> Text:
    """The code of an entry in a list that an administrator keeps."""
    return Text(
        max=LENGTHS["code"],
        required=True,
        validate=validate.Regexp(r"^[a-z][a-z0-9_]*$", error="Write a code as `decision_maker`."),
        metadata={"description": "fixed for good"},
    )


class LinkChanges(Schema):
    """Fields of a link to change; null takes a day or the note away."""

    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True, metadata={"description": "the last day on which the link holds"})
    note = Text(min=0, max=LENGTHS["link_note"])


class NewLink(LinkChanges):
    """A link from this customer to another one."""

    type = Text(max=LENGTHS["code"], required=True, metadata={"example": "franchise"})
    customer_id = Id(metadata={"description": "the other customer"})
    customer_number = Text(max=LENGTHS["number"], metadata={"description": "instead of `customer_id`"})
    direction = one_of(
        *DIRECTIONS,
        load_default="forward",
        metadata={"description": "`reverse`: the other customer is the first side; a symmetric type has no direction"},
    )

    @validates_schema
    def _one_other(self, data: dict[str, Any], **_options: Any) -> None:
        if bool(data.get("customer_id")) == bool(data.get("customer_number")):
            raise ValidationError("Send either `customer_id` or `customer_number`.", "customer_id")


class LinkTypeName(Schema):
    """The type of a link."""

    id = Id()
    code = fields.String()
    symmetric = fields.Boolean()


class PartyOut(Schema):
    """The other customer of a link, as it is now; it may be archived."""

    id = Id()
    number = fields.String()
    name = fields.String()
    kind = one_of(*KINDS)
    status = one_of(*STATUSES)


class LinkOut(Schema):
    """A link as one of its two customers sees it."""

    id = Id()
    customer_id = Id()
    type = fields.Nested(LinkTypeName)
    direction = one_of(*DIRECTIONS)
    label = fields.String(metadata={"description": "as this customer reads it", "example": "Franchisee of"})
    other = fields.Nested(PartyOut)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    current = fields.Boolean(metadata={"description": "whether it holds today"})
    note = fields.String(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class LinkFilters(Schema):
    """Which links are listed."""

    type = Text(max=LENGTHS["code"])
    current = Flag(metadata={"description": "those that hold today, or those that do not"})


def _kinds() -> fields.List[str]:
    return fields.List(one_of(*KINDS), validate=validate.Length(min=1, max=len(KINDS)))


# `from` is a word of Python, so that the class is made from names.
AllowedKinds = Schema.from_dict({"from": _kinds(), "to": _kinds()}, name="AllowedKinds")


class LinkTypeChanges(Schema):
    """Fields of a link type to change."""

    forward_label = Text(max=LENGTHS["label"], metadata={"example": "Franchisor of"})
    reverse_label = Text(max=LENGTHS["label"], metadata={"example": "Franchisee of"})
    symmetric = Flag(metadata={"description": "both sides read the same"})
    allowed_kinds = fields.Nested(AllowedKinds)
    dated = Flag(metadata={"description": "whether links of this type have days"})


class NewLinkType(LinkTypeChanges):
    """A link type."""

    code = code()
    forward_label = Text(max=LENGTHS["label"], required=True, metadata={"example": "Franchisor of"})


class LinkTypeOut(Schema):
    """A link type as it is stored."""

    id = Id()
    code = fields.String()
    forward_label = fields.String()
    reverse_label = fields.String()
    symmetric = fields.Boolean()
    allowed_kinds = fields.Nested(AllowedKinds)
    dated = fields.Boolean()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
