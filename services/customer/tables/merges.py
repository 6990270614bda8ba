"""Merges, and every row that one of them moved, as it was before."""

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from customer.tables.metadata import ID, MOMENT, metadata

merges = Table(
    "merges",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("survivor", JSONB, nullable=False),
    Column("losers", JSONB, nullable=False),
    Column("alternates", JSONB, nullable=False),
    Column("unresolved", JSONB, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("merged_by", Text, nullable=False),
    Column("merged_label", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("undone_at", MOMENT),
)

merge_moves = Table(
    "merge_moves",
    metadata,
    Column("merge_id", ID, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("record_id", ID, primary_key=True),
    Column("before", JSONB, nullable=False),
    Column("after_version", BigInteger, nullable=False),
)
