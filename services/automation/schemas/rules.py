"""The shapes of rules, of what came of trying one, and of runs."""

from marshmallow import fields, validate

from automation.domain.guards import STATUSES
from automation.domain.rules import ACTIONS, AUDIENCES, MAX_ACTIONS, MAX_DUE_DAYS, MAX_PER_HOUR, MAX_TITLE
from automation.domain.triggers import TRIGGERS
from common.schemas import Flag, Id, Moment, Schema, Text, one_of

NAME = 200
_CONDITION = {
    "description": "when the rule answers, in the language of segments; the fields of each event are in"
    " `GET /rule-triggers`. Without one it always does.",
    "example": {"field": "total", "op": "gte", "value": 1000},
}


class Action(Schema):
    """What a rule does: it makes a task, or closes the new task that it answers to."""

    kind = one_of(*ACTIONS, required=True)
    title = Text(
        max=MAX_TITLE,
        metadata={"description": "of the task; may name values of the event", "example": "Look at {number}"},
    )
    audience = one_of(*AUDIENCES, metadata={"description": "whose people are to do it"})
    due_in_days = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, MAX_DUE_DAYS))
    assignee = Text(min=0, max=80, metadata={"description": "a role or a name"})


class RuleChanges(Schema):
    """Fields of a rule to change."""

    name = Text(max=NAME)
    event_type = one_of(*TRIGGERS)
    condition = fields.Dict(keys=fields.String(), metadata=_CONDITION)
    currency = Text(
        min=3,
        max=3,
        allow_none=True,
        validate=validate.Regexp("^[A-Z]{3}$", error="Write it as EUR."),
        metadata={"description": "of the amounts in its condition; others do not count"},
    )
    actions = fields.List(fields.Nested(Action), validate=validate.Length(min=1, max=MAX_ACTIONS))
    enabled = fields.Boolean(truthy={True}, falsy={False})
    most_per_hour = fields.Integer(
        strict=True,
        validate=validate.Range(1, MAX_PER_HOUR),
        metadata={"description": "how often it may run within an hour; then it is paused"},
    )


class NewRule(RuleChanges):
    """A rule; it is made disabled unless it says otherwise, so that it can be tried first."""

    customer_id = Id(allow_none=True, metadata={"description": "whose rule it is; none: the provider's"})
    name = Text(max=NAME, required=True)
    event_type = one_of(*TRIGGERS, required=True)
    actions = fields.List(fields.Nested(Action), required=True, validate=validate.Length(min=1, max=MAX_ACTIONS))


class RuleFilter(Schema):
    """Which rules to list."""

    customer_id = Id()
    owner = one_of(*("provider", "customer"))
    event_type = one_of(*TRIGGERS)
    enabled = Flag()


class ActionOut(Schema):
    """What a rule does."""

    kind = one_of(*ACTIONS)
    title = fields.String()
    audience = one_of(*AUDIENCES)
    due_in_days = fields.Integer(allow_none=True)
    assignee = fields.String(allow_none=True)


class RuleOut(Schema):
    """A rule."""

    id = Id()
    customer_id = Id(allow_none=True)
    name = fields.String()
    event_type = one_of(*TRIGGERS)
    condition = fields.Dict()
    currency = fields.String(allow_none=True)
    actions = fields.List(fields.Nested(ActionOut))
    enabled = fields.Boolean()
    paused_reason = fields.String(
        allow_none=True, metadata={"description": "`rate_cap`: it ran as often as it may, and waits for a person"}
    )
    most_per_hour = fields.Integer()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class TriggerField(Schema):
    """What a condition may speak of."""

    name = fields.String()
    label = fields.String()
    type = fields.String()
    operators = fields.List(fields.String())
    choices = fields.Dict(allow_none=True)
    several = fields.Boolean(metadata={"description": "whether an event has several, as the lines of an order"})


class TriggerOut(Schema):
    """An event to which rules may answer."""

    event_type = fields.String()
    label = fields.String()
    provider_only = fields.Boolean()
    fields_ = fields.List(fields.Nested(TriggerField), data_key="fields", attribute="fields")
    placeholders = fields.List(fields.String())


class TriggersOut(Schema):
    """The events to which rules may answer."""

    items = fields.List(fields.Nested(TriggerOut))


class Trial(Schema):
    """An event on which to try a rule."""

    data = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "the `data` of an event of the rule's type"}
    )


class TrialOut(Schema):
    """What a rule would do."""

    matched = fields.Boolean()
    explanation = fields.Dict(metadata={"description": "the condition with the result and what was found at each part"})
    actions = fields.List(fields.Nested(ActionOut))


class RunFilter(Schema):
    """Which runs to list."""

    rule_id = Id()
    customer_id = Id(metadata={"description": "whom the event was about"})
    chain_id = Id()
    status = one_of(*STATUSES)


class LinkOut(Schema):
    """A run that led to another."""

    run_id = Id()
    rule_id = Id()
    rule_name = fields.String()
    provider = fields.Boolean(metadata={"description": "whether the rule is the provider's"})
    event_type = fields.String()
    subject = fields.String()


class StepOut(Schema):
    """What came of an action."""

    action = one_of(*ACTIONS)
    outcome = fields.String()
    task_id = Id()
    detail = fields.String()


class RunOut(Schema):
    """A run of a rule: what triggered it, which runs led to it, and what came of it."""

    id = Id()
    rule_id = Id()
    rule_name = fields.String()
    rule_version = fields.Integer()
    customer_id = Id(allow_none=True)
    event_customer_id = Id(allow_none=True)
    event_id = Id()
    event_type = fields.String()
    subject = fields.String()
    status = one_of(*STATUSES)
    reason = fields.String(allow_none=True)
    detail = fields.String(allow_none=True, metadata={"description": "why it did nothing, and what to do"})
    chain_id = Id()
    chain = fields.List(fields.Nested(LinkOut), metadata={"description": "the runs that led to it, first to last"})
    chain_depth = fields.Integer()
    steps = fields.List(fields.Nested(StepOut))
    created_at = Moment()
    ended_at = Moment(allow_none=True)
