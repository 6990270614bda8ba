"""Approval rules, what was asked and decided by them, and who may decide."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from ordering.tables.metadata import ID, MOMENT, metadata

approval_rules = Table(
    "approval_rules",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("predicate", JSONB, nullable=False),
    Column("currency", Text, nullable=False),  # of the amounts in the predicate
    Column("roles", ARRAY(Text), nullable=False),
    Column("account_ids", ARRAY(ID), nullable=False),
    Column("tiers", JSONB, nullable=False),
    Column("inheritance", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

approval_policies = Table(
    "approval_policies",
    metadata,
    Column("customer_id", ID, primary_key=True),
    Column("self_approval_minor", BigInteger),  # up to which somebody may approve an own order; null is never
    Column("self_approval_currency", Text),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

approval_flows = Table(
    "approval_flows",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("order_id", ID, nullable=False),
    Column("order_number", Text, nullable=False),
    Column("order_revision", Integer, nullable=False),
    Column("requester_id", ID),
    Column("requester_label", Text),
    Column("behind", ARRAY(ID), nullable=False),  # everybody who asked for the order, in whatever guise
    Column("self_approval", Boolean, nullable=False),  # by the company's policy the requester may decide, too
    Column("currency", Text, nullable=False),
    Column("total_minor", BigInteger, nullable=False),  # the most that the approval is for
    Column("content", JSONB, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("rules", JSONB, nullable=False),  # those that ask, as they were
    Column("cost_centres", ARRAY(Text), nullable=False),  # of the order's lines, whose owners a rule may ask
    Column("tiers", JSONB, nullable=False),
    Column("tier", Integer, nullable=False),  # counted from 1
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("staff_for", ARRAY(Integer), nullable=False),  # requirements of the tier that staff may decide
    Column("escalation_level", Integer, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

# Who may decide at the present tier.
approval_candidates = Table(
    "approval_candidates",
    metadata,
    Column("flow_id", ID, primary_key=True),
    Column("requirement", Integer, primary_key=True),
    Column("account_id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("label", Text),
    Column("node", ID),
    Column("via", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("substitute", Boolean, nullable=False),
)

# Only added, which a trigger holds.
approval_decisions = Table(
    "approval_decisions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("flow_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("account_id", ID, nullable=False),  # in whose place
    Column("actor_id", ID, nullable=False),  # who decided
    Column("actor_label", Text),
    Column("on_behalf_of_label", Text),
    Column("decision", Text, nullable=False),
    Column("comment", Text),
    Column("self_approval", Boolean, nullable=False),
    Column("channel", Text, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
)

approval_delegations = Table(
    "approval_delegations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("delegator_id", ID, nullable=False),
    Column("delegator_label", Text),
    Column("delegate_id", ID, nullable=False),
    Column("delegate_label", Text),
    Column("starts_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("reason", Text),
    Column("revoked_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
)
