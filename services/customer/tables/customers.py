"""Customers, what belongs to each of them, and their groups."""

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from customer.tables.metadata import ID, MOMENT, metadata

customers = Table(
    "customers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("dba_name", Text),
    Column("parent_id", ID),
    Column("group_id", ID),
    Column("lifecycle", Text, nullable=False),
    Column("tag_ids", ARRAY(ID), nullable=False),
    Column("custom_fields", JSONB, nullable=False),
    Column("primary_contact_id", ID),
    Column("merged_into", ID),
    Column("archive_id", ID),
    Column("archive_reason", Text),
    Column("archived_at", MOMENT),
    Column("import_id", ID),
    Column("deletion_at", MOMENT),
    Column("deletion_by", Text),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

external_ids = Table(
    "external_ids",
    metadata,
    Column("system", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("customer_id", ID, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text),
    Column("department", Text),
    Column("emails", JSONB, nullable=False),
    Column("phones", JSONB, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("default_for", ARRAY(Text), nullable=False),
    Column("custom_fields", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("default_for", ARRAY(Text), nullable=False),
    Column("line1", Text, nullable=False),
    Column("line2", Text),
    Column("city", Text, nullable=False),
    Column("region", Text),
    Column("postal_code", Text),
    Column("country", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

customer_groups = Table(
    "customer_groups",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
