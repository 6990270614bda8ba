"""The shapes of notes and follow-ups."""

from marshmallow import fields

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.notes import BODY_LENGTH, KINDS, REASON_LENGTH, VISIBILITIES
from customer.use_cases.scopes import SCOPES


class Urgency(Schema):
    """Why a note stands before all others, who sees to it (the caller, where nobody is named), and until when."""

    reason = Text(max=REASON_LENGTH, required=True)
    owner_id = Id()
    until = Moment(allow_none=True)


class NoteChanges(Schema):
    """Fields of a note to change; `urgency: null` makes it one like the others."""

    kind = one_of(*KINDS)
    body = Text(max=BODY_LENGTH, metadata={"description": "plain text"})
    visibility = one_of(*VISIBILITIES)
    urgency = fields.Nested(Urgency, allow_none=True)
    due_on = fields.Date(metadata={"description": "of a follow-up"})
    owner_id = Id(metadata={"description": "a staff account; of a follow-up"})
    done = Flag(metadata={"description": "of a follow-up"})


class NewNote(NoteChanges):
    """A note on a customer, or on a part of it."""

    body = Text(max=BODY_LENGTH, required=True, metadata={"description": "plain text"})
    scope_type = one_of(*SCOPES)
    scope_id = Id()


class NoteFilter(Schema):
    """Which notes to list."""

    scope_type = one_of(*SCOPES)
    scope_id = Id()
    kind = one_of(*KINDS)


class Person(Schema):
    """An account, by its name at that time."""

    id = Id()
    label = fields.String()


class Author(Schema):
    """Who wrote it: staff, portal, api or system."""

    kind = fields.String()
    id = fields.String(allow_none=True)
    label = fields.String()


class UrgencyOut(Schema):
    """Why a note is urgent, who sees to it, and until when."""

    reason = fields.String()
    owner = fields.Nested(Person, allow_none=True)
    until = Moment(allow_none=True)


class NoteOut(Schema):
    """A note; `urgent` says whether it is so now."""

    id = Id()
    customer_id = Id()
    scope_type = fields.String()
    scope_id = Id()
    kind = fields.String()
    body = fields.String()
    visibility = fields.String()
    urgent = fields.Boolean()
    urgency = fields.Nested(UrgencyOut, allow_none=True)
    due_on = fields.Date(allow_none=True)
    owner = fields.Nested(Person, allow_none=True)
    done_at = Moment(allow_none=True)
    done_by_label = fields.String(allow_none=True)
    author = fields.Nested(Author)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class NoteVersionOut(Schema):
    """What a note said before a correction."""

    version = fields.Integer()
    kind = fields.String()
    body = fields.String()
    written_at = Moment()
    replaced_at = Moment()
    replaced_by_label = fields.String()


class TaskFilter(Schema):
    """Whose open follow-ups."""

    owner = one_of("me", "everybody", load_default="me")


class TaskOut(NoteOut):
    """An open follow-up with its customer."""

    customer_number = fields.String()
    customer_name = fields.String()
