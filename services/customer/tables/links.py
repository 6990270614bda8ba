"""Links between customers, and the types that they can have."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from customer.tables.metadata import ID, MOMENT, metadata

link_types = Table(
    "link_types",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", Text, nullable=False),
    Column("forward_label", Text, nullable=False),
    Column("reverse_label", Text, nullable=False),
    Column("symmetric", Boolean, nullable=False),
    Column("from_kinds", ARRAY(Text), nullable=False),
    Column("to_kinds", ARRAY(Text), nullable=False),
    Column("dated", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

# `symmetric` repeats the type's, so that the database itself can hold which side comes first.
links = Table(
    "customer_links",
    metadata,
    Column("id", ID, primary_key=True),
    Column("type_id", ID, nullable=False),
    Column("symmetric", Boolean, nullable=False),
    Column("from_id", ID, nullable=False),
    Column("to_id", ID, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("note", Text),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
