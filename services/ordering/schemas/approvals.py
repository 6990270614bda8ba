"""The shapes of approval rules, approvals, decisions and delegations."""

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from ordering.domain.approval_facts import ROLES
from ordering.domain.approval_flows import DECISIONS, STATUSES
from ordering.domain.approval_rules import (
    APPROVER_KINDS,
    INHERITANCES,
    MAX_APPROVERS,
    MAX_TIERS,
    MODES,
    RULE_STATUSES,
)
from ordering.schemas.money import Money, currency

NAME = 200
COMMENT = 1_000


class Approver(Schema):
    """Who decides: the holders of a role, one account, the requester's manager, or who owns the order's cost centre."""

    kind = one_of(*APPROVER_KINDS, required=True)
    value = Text(
        min=0, max=60, metadata={"description": "the role, or the id of the account; none for the other kinds"}
    )


class Tier(Schema):
    """Those who decide together, after the tiers before."""

    approvers = fields.List(fields.Nested(Approver), required=True, validate=validate.Length(min=1, max=MAX_APPROVERS))
    mode = one_of(*MODES, load_default="any")
    n = fields.Integer(strict=True, allow_none=True, metadata={"description": "how many, with the mode n_of_m"})


class RuleChanges(Schema):
    """Fields of an approval rule to change."""

    name = Text(max=NAME)
    priority = fields.Integer(strict=True, validate=validate.Range(-1_000, 1_000))
    status = one_of(*RULE_STATUSES)
    predicate = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "when an order needs an approval, in the language of segments; fields: total, currency,"
            " line_count, quantity, line_quantity, category, sku, kind, first_time, ship_to_country, requester_roles",
            "example": {"field": "total", "op": "gt", "value": 1000},
        },
    )
    currency = currency()
    roles = fields.List(
        one_of(*ROLES), validate=validate.Length(max=10), metadata={"description": "for whose orders; empty is all"}
    )
    account_ids = fields.List(Id(), validate=validate.Length(max=100))
    tiers = fields.List(fields.Nested(Tier), validate=validate.Length(min=1, max=MAX_TIERS))
    inheritance = one_of(
        *INHERITANCES,
        metadata={
            "description": "`inherit_and_add`: besides the rules from above; `replace`: in place of those; `lock`: no"
            " customer below replaces it"
        },
    )
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True, metadata={"description": "its last day"})


class NewRule(RuleChanges):
    """A rule by which orders of a customer, and of those below it, need an approval."""

    customer_id = Id(required=True)
    name = Text(max=NAME, required=True)
    predicate = fields.Dict(keys=fields.String(), required=True)
    currency = currency(required=True)
    tiers = fields.List(fields.Nested(Tier), required=True, validate=validate.Length(min=1, max=MAX_TIERS))


class RuleFilter(Schema):
    """Which rules to list."""

    customer_id = Id()
    status = one_of(*RULE_STATUSES)


class RuleOut(Schema):
    """An approval rule."""

    id = Id()
    customer_id = Id()
    name = fields.String()
    priority = fields.Integer()
    status = one_of(*RULE_STATUSES)
    predicate = fields.Dict()
    currency = fields.String()
    roles = fields.List(fields.String())
    account_ids = fields.List(Id())
    tiers = fields.List(fields.Nested(Tier))
    inheritance = one_of(*INHERITANCES)
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class PreviewedRule(Schema):
    """A rule that is not there yet."""

    customer_id = Id(required=True)
    predicate = fields.Dict(keys=fields.String(), required=True)
    currency = currency(required=True)
    roles = fields.List(one_of(*ROLES), load_default=list)
    account_ids = fields.List(Id(), load_default=list)


class PreviewedOrder(Schema):
    """An order about which the rule would have asked."""

    order_id = Id()
    number = fields.String()
    customer_id = Id()
    requester_id = Id(allow_none=True)
    requester_label = fields.String(allow_none=True)
    total = fields.Nested(Money)
    placed_at = Moment()
    reason = one_of("rule", "no_rate")


class PreviewOut(Schema):
    """What a rule would have asked about."""

    examined = fields.Integer()
    matched = fields.List(fields.Nested(PreviewedOrder))


class Policy(Schema):
    """How far the people of a company may approve orders of their own."""

    self_approval_up_to = fields.Nested(
        Money, required=True, allow_none=True, metadata={"description": "null: not at all"}
    )


class PolicyOut(Policy):
    """The policy of a company; version 0 is none."""

    customer_id = Id()
    version = fields.Integer()


class ApprovalFilter(Schema):
    """Which approvals to list."""

    customer_id = Id()
    order_id = Id()
    status = one_of(*STATUSES)
    waiting = Flag(
        metadata={
            "description": "only those that wait for the caller; in the portal that is so unless `false` is said, for"
            " staff `true` shows those that the provider decides"
        }
    )


class AskingRule(Schema):
    """What asks for the approval."""

    id = Id(allow_none=True)
    name = fields.String()
    reason = one_of("rule", "no_rate", "limit")


class MayDecide(Schema):
    """Somebody who may decide now."""

    account_id = Id()
    label = fields.String(allow_none=True)
    via = one_of("rule", "ancestor", "company_admin", "escalation", "staff")
    complete = fields.Boolean(metadata={"description": "false: beside others only, the total is above its own limit"})
    substitute = fields.Boolean(metadata={"description": "called since nobody decided in time"})


class RequirementOut(Schema):
    """A group of approvers, of whom any, all or n must approve."""

    approvers = fields.List(fields.Nested(Approver))
    mode = one_of(*MODES)
    n = fields.Integer()
    rules = fields.List(fields.String())
    with_staff = fields.Boolean()
    may_decide = fields.List(fields.Nested(MayDecide))


class TierOut(Schema):
    """A tier; only of the present one it is known who may decide."""

    place = fields.Integer()
    state = one_of("passed", "present", "ahead")
    requirements = fields.List(fields.Nested(RequirementOut))


class DecisionOut(Schema):
    """A decision. It stays as it is."""

    account_id = Id()
    label = fields.String(allow_none=True)
    on_behalf_of = Id(allow_none=True)
    on_behalf_of_label = fields.String(allow_none=True)
    tier = fields.Integer()
    decision = one_of(*DECISIONS)
    comment = fields.String(allow_none=True)
    self_approval = fields.Boolean()
    channel = fields.String()
    decided_at = Moment()


class ApprovalOut(Schema):
    """The approval of an order at a revision, up to a total."""

    id = Id()
    order_id = Id()
    order_number = fields.String()
    order_revision = fields.Integer()
    customer_id = Id()
    requester_id = Id(allow_none=True)
    requester_label = fields.String(allow_none=True)
    status = one_of(*STATUSES)
    reason = fields.String(allow_none=True)
    total = fields.Nested(Money, allow_none=True)
    rules = fields.List(fields.Nested(AskingRule))
    tier = fields.Integer()
    tier_count = fields.Integer()
    tiers = fields.List(fields.Nested(TierOut))
    decisions = fields.List(fields.Nested(DecisionOut))
    with_staff = fields.Boolean()
    staff_reason = one_of("no_eligible_approver", "overdue", allow_none=True)
    escalation_level = fields.Integer()
    due_at = Moment()
    requested_at = Moment()
    ended_at = Moment(allow_none=True)
    version = fields.Integer()


class Decision(Schema):
    """A decision about what the caller has seen, named by its version."""

    decision = one_of(*DECISIONS, required=True)
    comment = Text(min=0, max=COMMENT, metadata={"description": "needed to reject"})
    version = fields.Integer(strict=True, required=True)
    on_behalf_of = Id(metadata={"description": "in whose place, where the caller has several"})


class NewDelegation(Schema):
    """Somebody decides in an approver's place for a while."""

    customer_id = Id(required=True)
    delegator_id = Id(metadata={"description": "whose place it is; the caller's own, unless an admin says another"})
    delegate_id = Id(required=True)
    starts_at = Moment()
    ends_at = Moment(required=True)
    reason = Text(min=0, max=500)


class DelegationFilter(Schema):
    """Which delegations to list."""

    customer_id = Id()
    delegator_id = Id()
    delegate_id = Id()


class DelegationOut(Schema):
    """A delegation."""

    id = Id()
    customer_id = Id()
    delegator_id = Id()
    delegator_label = fields.String(allow_none=True)
    delegate_id = Id()
    delegate_label = fields.String(allow_none=True)
    starts_at = Moment()
    ends_at = Moment()
    reason = fields.String(allow_none=True)
    revoked_at = Moment(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
