"""Deals, and the stages that they go through."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from customer.tables.metadata import ID, MOMENT, metadata

deal_stages = Table(
    "deal_stages",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

deals = Table(
    "deals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("lost_reason", Text),
    Column("value_minor", BigInteger),  # of the smallest unit of `value_currency`
    Column("value_currency", Text),
    Column("expected_close_on", Date),
    Column("closed_at", MOMENT),
    Column("owner_id", ID),
    Column("owner_label", Text),
    Column("quote_ids", ARRAY(ID), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
