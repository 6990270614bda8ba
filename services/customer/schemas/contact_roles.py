"""The shapes of the question whom to turn to, and of its answer."""

from marshmallow import fields

from common.schemas import Flag, Id, Schema, Text, one_of
from customer.domain.limits import LENGTHS
from customer.schemas.parts import ContactOut


class Purpose(Schema):
    """What a contact is wanted for."""

    purpose = Text(max=LENGTHS["role"], required=True, metadata={"description": "a role", "example": "billing"})
    inherit = Flag(load_default=False, metadata={"description": "ask the head offices where this customer has nobody"})


class PurposeParty(Schema):
    """Whose contact it is."""

    id = Id()
    number = fields.String()
    name = fields.String()


class ResolvedContact(Schema):
    """Whom to turn to, and why; `contact` is null where there is nobody."""

    contact = fields.Nested(ContactOut, allow_none=True)
    reason = one_of("default_holder", "only_holder", "primary", "only_contact", "none")
    inherited = fields.Boolean(metadata={"description": "whether it is a head office's contact"})
    customer = fields.Nested(PurposeParty, allow_none=True)
    explanation = fields.String()
