"""Properties, who has them, and the moves that change that."""

from sqlalchemy import BigInteger, Column, Date, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from customer.tables.metadata import ID, MOMENT, metadata

# `stretch`, which the database gives, is left out: only the constraint on occupants needs it.
properties = Table(
    "properties",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("line1", Text, nullable=False),
    Column("line2", Text),
    Column("city", Text, nullable=False),
    Column("region", Text),
    Column("postal_code", Text),
    Column("country", Text, nullable=False),
    Column("location_group_id", ID),
    Column("words", ARRAY(Text), nullable=False),
    Column("custom_fields", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("property_id", ID, nullable=False),
    Column("stretch", BigInteger, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("role", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("until", Date),
    Column("state", Text, nullable=False),
    Column("move_id", ID),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

moves = Table(
    "moves",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("property_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("role", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("ends", JSONB, nullable=False),
    Column("services", JSONB, nullable=False),
    Column("bill_to", JSONB),
    Column("ship_to", JSONB),
    Column("invite", JSONB),
    Column("reason", Text),
    Column("executed_at", MOMENT),
    Column("cancelled_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
