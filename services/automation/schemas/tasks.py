"""The shapes of tasks."""

from marshmallow import fields

from automation.domain.rules import AUDIENCES, MAX_TITLE
from automation.domain.tasks import STATUSES
from common.schemas import Flag, Id, Moment, Schema, Text, one_of


class TaskChanges(Schema):
    """Fields of a task to change."""

    title = Text(max=MAX_TITLE)
    note = Text(min=0, max=2_000)
    due_on = fields.Date(allow_none=True)
    assignee = Text(min=0, max=80, metadata={"description": "a role or a name"})


class NewTask(TaskChanges):
    """Something that somebody is to do."""

    customer_id = Id(allow_none=True, metadata={"description": "whom it is about"})
    title = Text(max=MAX_TITLE, required=True)
    audience = one_of(*AUDIENCES, metadata={"description": "whose people are to do it; in the portal always its own"})


class TaskFilter(Schema):
    """Which tasks to list."""

    customer_id = Id()
    audience = one_of(*AUDIENCES)
    status = one_of(*STATUSES)
    assignee = Text(max=80)
    chain_id = Id()
    made_by_rule = Flag()


class TaskOut(Schema):
    """A task."""

    id = Id()
    customer_id = Id(allow_none=True)
    customer_name = fields.String(allow_none=True)
    audience = one_of(*AUDIENCES)
    title = fields.String()
    note = fields.String(allow_none=True)
    due_on = fields.Date(allow_none=True)
    assignee = fields.String(allow_none=True)
    status = one_of(*STATUSES)
    run_id = Id(allow_none=True, metadata={"description": "which made it; none: a person did"})
    chain_id = Id(allow_none=True)
    rule_id = Id(allow_none=True)
    rule_name = fields.String(allow_none=True)
    created_by_label = fields.String()
    closed_by_label = fields.String(allow_none=True)
    closed_at = Moment(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()
