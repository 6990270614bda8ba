"""Rules, and their runs with what led to each."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from automation.tables.metadata import ID, MOMENT, metadata

rules = Table(
    "automation_rules",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID),  # whose it is; null: the provider's
    Column("name", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("condition", JSONB, nullable=False),
    Column("currency", Text),
    Column("actions", JSONB, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("enabled_at", MOMENT),  # it answers to what happened since
    Column("paused_reason", Text),  # why it was disabled by itself
    Column("most_per_hour", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("rule_id", ID, nullable=False),
    Column("rule_name", Text, nullable=False),
    Column("rule_version", BigInteger, nullable=False),
    Column("customer_id", ID),  # whose rule it is
    Column("event_customer_id", ID),  # whom the event is about
    Column("event_id", ID, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),  # why it was stopped or dropped
    Column("detail", Text),  # why it did nothing, and what to do
    Column("chain_id", ID, nullable=False),  # the first run of the chain
    Column("chain", JSONB, nullable=False),  # the runs that led to it, first to last
    Column("chain_depth", Integer, nullable=False),  # how many events led to what it does
    Column("facts", JSONB, nullable=False),  # what its actions may name of the event
    Column("actions", JSONB, nullable=False),  # as the rule said when it was triggered
    Column("steps", JSONB, nullable=False),  # what came of each action
    Column("correlation_id", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
)
