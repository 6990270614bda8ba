"""Cost centres of customers."""

from sqlalchemy import BigInteger, Boolean, Column, Table, Text

from ordering.tables.metadata import ID, MOMENT, metadata

cost_centres = Table(
    "cost_centres",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),  # for itself and all below it
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner_id", ID),  # a contact
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
