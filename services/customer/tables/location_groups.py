"""The tree of places that properties are sorted into."""

from sqlalchemy import BigInteger, Column, Table, Text

from customer.tables.metadata import ID, MOMENT, metadata

location_groups = Table(
    "location_groups",
    metadata,
    Column("id", ID, primary_key=True),
    Column("parent_id", ID),
    Column("name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
