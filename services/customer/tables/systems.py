"""Installed systems and their types. What is sealed lies in tables that only `use_cases.vault` reads."""

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from customer.tables.metadata import ID, MOMENT, metadata

system_types = Table(
    "system_types",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("archived_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

# `secrets` holds for each secret field that is set: its revision, when and by whom; never the secret.
systems = Table(
    "systems",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("type_id", ID, nullable=False),
    Column("type_version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("property_id", ID),
    Column("status", Text, nullable=False),
    Column("field_values", JSONB, nullable=False),
    Column("secrets", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
