"""The keys by which duplicates are found, who is to be looked at again, and the pairs that were found."""

from sqlalchemy import BigInteger, Column, Float, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from customer.tables.metadata import ID, MOMENT, metadata

duplicate_keys = Table(
    "duplicate_keys",
    metadata,
    Column("customer_id", ID, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("key", BigInteger, nullable=False),
)

duplicate_checks = Table(
    "duplicate_checks",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("import_id", ID),
)

duplicate_pairs = Table(
    "duplicate_pairs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("first_id", ID, nullable=False),
    Column("second_id", ID, nullable=False),
    Column("score", Float, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("keys", ARRAY(BigInteger), nullable=False),
    Column("import_id", ID),
    Column("state", Text, nullable=False),
    Column("dismissed_by", Text),
    Column("dismissed_reason", Text),
    Column("dismissed_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("found_at", MOMENT, nullable=False),
)
