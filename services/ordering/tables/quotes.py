"""Quotes, and what was offered in each revision of one."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from ordering.tables.metadata import ID, MOMENT, metadata

quotes = Table(
    "quotes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("requester_id", ID),
    Column("requester_label", Text),
    Column("status", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # the newest
    Column("sent_revision", Integer),  # the newest that the customer was sent
    Column("request_note", Text),
    Column("reason", Text),
    Column("order_id", ID),  # the draft that its acceptance made
    Column("sent_at", MOMENT),
    Column("decided_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

# Rows are only added. The first revision is what was asked for, without prices.
quote_revisions = Table(
    "quote_revisions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("quote_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("currency", Text),
    Column("total_minor", BigInteger),
    Column("valid_until", Date),
    Column("note", Text),
    Column("made_by", Text, nullable=False),
    Column("made_by_label", Text),
    Column("created_at", MOMENT, nullable=False),
)
