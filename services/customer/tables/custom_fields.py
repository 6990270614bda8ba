"""The fields that an administrator defines, their counters, and the values that must be unique."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from customer.tables.metadata import ID, MOMENT, metadata

custom_fields = Table(
    "custom_fields",
    metadata,
    Column("id", ID, primary_key=True),
    Column("applies_to", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("archived_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

# A value is claimed by its digest: it may be personal, and long.
custom_field_claims = Table(
    "custom_field_claims",
    metadata,
    Column("field_id", ID, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("record_id", ID, nullable=False),
    Column("customer_id", ID),
)
