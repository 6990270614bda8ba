"""Bundles: what a role or a department is given, ordered at once."""

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from ordering.tables.metadata import ID, MOMENT, metadata

bundles = Table(
    "bundles",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID),  # whose it is; null is the provider, and everybody's
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("for_role", Text),
    Column("for_org_unit", Text),  # what departments are called for which it is
    Column("lines", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
