"""Contracts with customers."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from ordering.tables.metadata import ID, MOMENT, metadata

contracts = Table(
    "contracts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),  # its last day; null is without end
    Column("price_list_id", ID),
    Column("listing_ids", ARRAY(ID), nullable=False),  # what it adds to the customer's catalogue
    Column("categories", ARRAY(Text), nullable=False),
    Column("renewal", Text, nullable=False),
    Column("renewal_months", Integer),
    Column("notice_days", Integer, nullable=False),
    Column("terms", Text),
    Column("file_id", ID),  # of the customer's files
    Column("note", Text),
    Column("reason", Text),
    Column("activated_at", MOMENT),
    Column("ended_on", Date),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
