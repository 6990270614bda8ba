"""The shapes of merges: plans, what was merged, and what undoing does."""

from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.limits import STATUSES
from customer.domain.merging import MAX_LOSERS
from customer.schemas.customers import ExternalId


class MergeWish(Schema):
    """Which customers become one with that of the path, and whose value of a field wins instead of the usual one's."""

    losers = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MAX_LOSERS))
    choices = fields.Dict(
        keys=Text(max=80),
        values=Id(),
        load_default=dict,
        metadata={
            "description": "field (or `cf.<key>`, or `login`) to the customer whose value it takes",
            "example": {"dba_name": "01980a2e-6d1c-7b04-9f6e-2a51c0de0002"},
        },
    )

    @validates_schema
    def _once_each(self, data: dict[str, Any], **_options: Any) -> None:
        if len(set(data["losers"])) != len(data["losers"]):
            raise ValidationError("Name each customer once.", "losers")


class NewMerge(MergeWish):
    """A merge as it was planned."""

    fingerprint = Text(max=64, required=True, metadata={"description": "of the plan"})


class RestoredParty(Schema):
    """A customer that is itself again."""

    id = Id()
    number = fields.String()
    name = fields.String()


class MergeParty(RestoredParty):
    """A customer that takes part."""

    status = one_of(*STATUSES)


class Candidate(Schema):
    """What one customer has in a field."""

    customer_id = Id()
    value = fields.Raw(allow_none=True)
    value_label = fields.String(allow_none=True)


class MergedField(Schema):
    """A field of the merged customer."""

    name = fields.String()
    label = fields.String()
    value = fields.Raw(allow_none=True)
    value_label = fields.String(allow_none=True)
    taken_from = Id()
    candidates = fields.List(fields.Nested(Candidate))


class AddedLists(Schema):
    """What the survivor's lists gain."""

    tag_ids = fields.List(Id())
    external_ids = fields.List(fields.Nested(ExternalId))


class Clash(Schema):
    """A row that does not fit among the survivor's as it is."""

    part = fields.String()
    id = Id()
    note = fields.String()


class Alternate(Schema):
    """A value that did not win, kept beside the merge."""

    field = fields.String()
    label = fields.String()
    customer_id = Id()
    value = fields.Raw(allow_none=True)
    value_label = fields.String(allow_none=True)


def _counts() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "rows that move, by part"}
    )


class MergePlanOut(Schema):
    """What a merge would do; `fingerprint` stands for all that it rests on."""

    survivor = fields.Nested(MergeParty)
    losers = fields.List(fields.Nested(MergeParty))
    winners = fields.List(fields.Nested(MergedField))
    login_of = Id(allow_none=True)
    added = fields.Nested(AddedLists)
    counts = _counts()
    alternates = fields.List(fields.Nested(Alternate))
    clashes = fields.List(fields.Nested(Clash))
    unresolved = fields.List(fields.Nested(Clash))
    fingerprint = fields.String()


class MergeOut(Schema):
    """A merge that was carried out. The losers stay for ever as names of the customer."""

    id = Id()
    customer_id = Id()
    losers = fields.List(fields.Nested(MergeParty))
    state = one_of("merged", "undone")
    counts = _counts()
    alternates = fields.List(fields.Nested(Alternate))
    unresolved = fields.List(fields.Nested(Clash))
    merged_label = fields.String()
    version = fields.Integer()
    created_at = Moment()
    undone_at = Moment(allow_none=True)


class Undo(Schema):
    """Whether to undo, or only to say what that would do."""

    dry_run = Flag(load_default=False)


class Kept(Schema):
    """What stays with the survivor, and why."""

    part = fields.String()
    id = fields.String()
    reason = fields.String()


class UndoOut(Schema):
    """What undoing a merge does."""

    merge_id = Id()
    dry_run = fields.Boolean()
    restored = fields.List(fields.Nested(RestoredParty))
    counts = _counts()
    kept = fields.List(fields.Nested(Kept))
