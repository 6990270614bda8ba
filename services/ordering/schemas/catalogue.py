"""The shapes of the rules of catalogues, and of why something is seen."""

from marshmallow import fields

from common.schemas import Id, Moment, Schema, Text, one_of
from ordering.domain.listings import LENGTHS
from ordering.domain.visibility import EFFECTS, TARGET_KINDS

_ROLE = 80


class CatalogueRuleFilter(Schema):
    """Which rules to show."""

    effect = one_of(*EFFECTS)
    listing_id = Id()
    category = Text(max=LENGTHS["category"])
    target_kind = one_of(*TARGET_KINDS)
    target_id = Id()
    role = Text(max=_ROLE)


class NewCatalogueRule(Schema):
    """Adds a listing or a category to catalogues, or takes it from them. A customer's rule holds for its branches too,
    a group's for its members and their branches, a segment's for its members alone, a role's for everybody who has it
    in a portal, and a contract's for its customer while it holds. Excluding wins."""

    effect = one_of(*EFFECTS, required=True)
    listing_id = Id()
    category = Text(max=LENGTHS["category"])
    target_kind = one_of(*TARGET_KINDS, required=True)
    target_id = Id(metadata={"description": "the customer, the group, the segment or the contract"})
    role = Text(max=_ROLE, metadata={"description": "the code of a portal role", "example": "buyer"})
    note = Text(min=0, max=LENGTHS["note"])


class CatalogueRuleOut(Schema):
    """A rule as it is stored."""

    id = Id()
    effect = one_of(*EFFECTS)
    listing_id = Id(allow_none=True)
    category = fields.String(allow_none=True)
    target_kind = one_of(*TARGET_KINDS)
    target_id = Id(allow_none=True)
    role = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    seller_id = Id(allow_none=True, metadata={"description": "the customer that made it for what it sells"})
    version = fields.Integer()
    created_at = Moment()


class VisibilityQuestion(Schema):
    """Who looks."""

    customer_id = Id(required=True)
    role = Text(max=_ROLE, metadata={"description": "a portal role of the person who looks"})


class VisibilityStep(Schema):
    """One thing that was looked at."""

    looked_at = fields.String(metadata={"example": "exclusion"})
    outcome = one_of("shows", "hides", "passes")
    why = fields.String(allow_none=True, metadata={"description": "the code of what hides", "example": "excluded"})
    rule_id = Id(allow_none=True)
    sentence = fields.String()
    deciding = fields.Boolean()


class VisibilityOut(Schema):
    """Whether a customer sees a listing, and what was looked at, in order; the last step decided."""

    listing_id = Id()
    customer_id = Id()
    visible = fields.Boolean()
    why = fields.String(allow_none=True)
    sentence = fields.String()
    steps = fields.List(fields.Nested(VisibilityStep))
