"""The shapes of privacy requests and legal holds."""

from marshmallow import fields

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.limits import LENGTHS

_SUBJECTS = ("contact", "customer")
_KINDS = ("export", "erase")
_STATES = ("running", "completed")


class NewPrivacyRequest(Schema):
    """What somebody asks about their data."""

    subject_type = one_of(*_SUBJECTS, required=True, metadata={"description": "a customer: one that is a person"})
    subject_id = Id(required=True)
    kind = one_of(*_KINDS, required=True)
    reason = Text(
        max=LENGTHS["reason"],
        required=True,
        metadata={"description": "why, for the receipt; it is kept, so name nobody"},
    )
    dry_run = Flag(load_default=False, metadata={"description": "only say what would be done"})


class PrivacyRequestFilter(Schema):
    """Which requests to list."""

    customer_id = Id()
    subject_id = Id()
    kind = one_of(*_KINDS)
    state = one_of(*_STATES)


class PrivacyRequestOut(Schema):
    """A request, or with `dry_run` what it would be: `receipt` counts per service what is or would be erased, and
    `awaited` names the services that have not answered yet."""

    id = Id(required=True, allow_none=True)
    customer_id = Id(required=True)
    subject_type = one_of(*_SUBJECTS, required=True)
    subject_id = Id(required=True)
    kind = one_of(*_KINDS, required=True)
    reason = fields.String(required=True)
    state = one_of(*_STATES, required=True)
    awaited = fields.List(fields.String(), required=True)
    receipt = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Integer()),
        metadata={"example": {"customer": {"contacts": 1, "events": 7, "held": 0, "answers": 1}}},
    )
    requested_by = fields.String(required=True)
    requested_label = fields.String(required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    completed_at = Moment(required=True, allow_none=True)


class LegalHoldOut(Schema):
    """A reason for which nothing of a customer is erased."""

    id = Id(required=True)
    customer_id = Id(required=True)
    reason = fields.String(required=True)
    placed_by = fields.String(required=True)
    placed_label = fields.String(required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class NewLegalHold(Schema):
    """A hold to place."""

    reason = Text(max=LENGTHS["reason"], required=True)


class LegalHoldChanges(Schema):
    """A hold's reason in other words."""

    reason = Text(max=LENGTHS["reason"])
