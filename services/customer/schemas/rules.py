"""The shapes of rules, tags, segments and saved filters."""

from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.limits import LENGTHS, MAX_COLUMNS, MAX_TAGS, STATUSES
from customer.domain.saved_filters import AUDIENCES

_RULE = {
    "description": "A tree of `all`, `any`, `not` and comparisons; `GET /rule-fields` lists fields and operators.",
    "example": {"all": [{"field": "city", "op": "eq", "value": "Berlin"}]},
}
_TEXT = {"description": "The short form of a rule, instead of `rule`.", "example": "city:Berlin tag:vip -group:retail"}


def rule_tree(**options: Any) -> fields.Dict:
    """A rule as its tree; the rule language itself says what is wrong with it."""
    return fields.Dict(metadata=_RULE, **options)


class Asked(Schema):
    """A rule, as its tree or in its short form."""

    rule = rule_tree()
    text = Text(max=LENGTHS["query"], metadata=_TEXT)

    @validates_schema
    def _one_way(self, data: dict[str, Any], **_options: Any) -> None:
        if data.get("rule") is not None and data.get("text") is not None:
            raise ValidationError("Send `rule` or `text`, not both.", "text")


class RuleFieldOut(Schema):
    """A field that rules may speak of; `choices` are its values with their labels."""

    name = fields.String()
    label = fields.String()
    type = fields.String()
    many = fields.Boolean()
    quantified = fields.Boolean()
    operators = fields.List(fields.String())
    choices = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), allow_none=True)


class RuleFieldsOut(Schema):
    """All fields that rules may speak of."""

    items = fields.List(fields.Nested(RuleFieldOut))


def _colour() -> Text:
    form = validate.Regexp(r"^#[0-9a-f]{6}$", error="Write a colour as `#c0392b`.")
    return Text(max=7, validate=form, metadata={"example": "#c0392b"})


class TagChanges(Schema):
    """Fields of a tag to change."""

    name = Text(max=LENGTHS["tag"])
    colour = _colour()
    description = Text(min=0, max=LENGTHS["description"])
    archived = Flag()


class NewTag(Schema):
    """A tag that staff put on customers."""

    name = Text(max=LENGTHS["tag"], required=True)
    colour = _colour()
    description = Text(min=0, max=LENGTHS["description"])


class TagOut(Schema):
    """A tag with how many customers carry it."""

    id = Id()
    name = fields.String()
    colour = fields.String()
    description = fields.String(allow_none=True)
    archived = fields.Boolean()
    customers = fields.Integer()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class TagMerge(Schema):
    """The tag that customers carry afterwards."""

    into = Id(required=True)


class TagMergeOut(Schema):
    """What a merge began: its carriers are moved in the background."""

    merged_into = Id()
    customers = fields.Integer()


class CustomerTagOut(Schema):
    """A tag that a customer carries."""

    id = Id()
    name = fields.String()
    colour = fields.String()
    archived = fields.Boolean()


class CustomerTagsOut(Schema):
    """The tags of a customer; `version` is the customer's."""

    items = fields.List(fields.Nested(CustomerTagOut))
    version = fields.Integer()


class CustomerTags(Schema):
    """All tags of a customer."""

    tag_ids = fields.List(Id(), required=True, validate=validate.Length(max=MAX_TAGS))


class OneTag(Schema):
    """One tag to put on a customer."""

    tag_id = Id(required=True)


class SegmentChanges(Asked):
    """Fields of a segment to change; with another rule all customers are looked at again."""

    name = Text(max=LENGTHS["segment"])
    description = Text(min=0, max=LENGTHS["description"])
    active = Flag()


class NewSegment(Asked):
    """A segment: the customers that a rule is true of."""

    name = Text(max=LENGTHS["segment"], required=True)
    description = Text(min=0, max=LENGTHS["description"])
    active = Flag()

    @validates_schema
    def _has_rule(self, data: dict[str, Any], **_options: Any) -> None:
        if data.get("rule") is None and data.get("text") is None:
            raise ValidationError("Send the rule, or its short form as `text`.", "rule")


class SegmentOut(Schema):
    """A segment; while `state` is `building`, its members are not all looked at yet."""

    id = Id()
    name = fields.String()
    description = fields.String(allow_none=True)
    rule = rule_tree()
    rule_version = fields.Integer()
    active = fields.Boolean()
    relative = fields.Boolean(metadata={"description": "the rule speaks of the passing time"})
    state = one_of("building", "ready")
    members = fields.Integer()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class FoundCustomer(Schema):
    """A customer that a rule is true of."""

    id = Id()
    number = fields.String()
    name = fields.String()
    status = one_of(*STATUSES)


class MemberOut(FoundCustomer):
    """A member of a segment."""

    entered_at = Moment()
    source = one_of("rule", "manual_in")
    rule_version = fields.Integer()


class Previewed(Asked):
    """A rule to try, and the segment that would have it."""

    segment_id = Id(allow_none=True)


class DeltaOut(Schema):
    """Who would enter and who would leave by the rule."""

    entering = fields.Integer()
    leaving = fields.Integer()


class PreviewOut(Schema):
    """What a rule is true of."""

    rule = rule_tree()
    count = fields.Integer()
    samples = fields.List(fields.Nested(FoundCustomer))
    delta = fields.Nested(DeltaOut, allow_none=True)


class Decided(Schema):
    """`in` and `out` hold against the rule; `rule` leaves it to the rule again."""

    membership = one_of("in", "out", "rule", required=True)


class MembershipOut(Schema):
    """Where a customer stands with a segment."""

    member = fields.Boolean()
    source = one_of("rule", "manual_in", "manual_out", allow_none=True)
    entered_at = Moment(allow_none=True)
    rule_version = fields.Integer(allow_none=True)


class ExplanationOut(MembershipOut):
    """Why: the rule's tree with `result` at each node and the values that were `found`."""

    takes_part = fields.Boolean(metadata={"description": "archived customers belong to no segment"})
    matches = fields.Boolean()
    rule = rule_tree()


class SegmentOfCustomer(Schema):
    """A segment of which a customer is a member."""

    id = Id()
    name = fields.String()
    entered_at = Moment()
    source = one_of("rule", "manual_in")


class SegmentsOfCustomer(Schema):
    """The segments of which a customer is a member."""

    items = fields.List(fields.Nested(SegmentOfCustomer))


class FilterChanges(Asked):
    """Fields of a saved filter to change."""

    name = Text(max=LENGTHS["saved_filter"])
    query = Text(max=LENGTHS["query"], metadata={"example": "q=hotel&filter=country:DE&sort=name"})
    sort = Text(min=0, max=LENGTHS["sort"])
    columns = fields.List(Text(max=LENGTHS["column"]), validate=validate.Length(max=MAX_COLUMNS))
    audience = one_of(*AUDIENCES)
    role = Text(min=0, max=80, metadata={"description": "the role whose accounts see it"})
    pinned = Flag()


class NewFilter(FilterChanges):
    """A saved filter: a rule, or a query of the directory."""

    name = Text(max=LENGTHS["saved_filter"], required=True)


class FilterOut(Schema):
    """A saved filter, and whether it is the caller's own."""

    id = Id()
    name = fields.String()
    own = fields.Boolean()
    owner_label = fields.String()
    rule = rule_tree(allow_none=True)
    query = fields.String(allow_none=True)
    sort = fields.String(allow_none=True)
    columns = fields.List(fields.String())
    audience = one_of(*AUDIENCES)
    role = fields.String(allow_none=True)
    pinned = fields.Boolean()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
