"""Tags, segments with their members, and saved filters."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from customer.tables.metadata import ID, MOMENT, metadata

tags = Table(
    "tags",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("description", Text),
    Column("archived", Boolean, nullable=False),
    Column("merged_into", ID),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

segments = Table(
    "segments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("rule", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("relative", Boolean, nullable=False),
    Column("depends_on", ARRAY(ID), nullable=False),
    Column("rebuilt_to", ID),
    Column("swept_at", MOMENT, nullable=False),
    Column("deleted_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

segment_members = Table(
    "segment_members",
    metadata,
    Column("segment_id", ID, primary_key=True),
    Column("customer_id", ID, primary_key=True),
    Column("id", ID, nullable=False),
    Column("entered_at", MOMENT, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("source", Text, nullable=False),
)

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("owner_label", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("rule", JSONB(none_as_null=True)),
    Column("query", Text),
    Column("sort", Text),
    Column("columns", ARRAY(Text), nullable=False),
    Column("audience", Text, nullable=False),
    Column("role", Text),
    Column("pinned", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

replica_accounts = Table(
    "replica_accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("label", Text, nullable=False),
)
