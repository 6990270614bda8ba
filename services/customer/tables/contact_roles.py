"""The roles that contacts can have. Who is the default for a role stands on the contact; a trigger keeps each default
in `contact_role_defaults` too, whose primary key holds the rule "one at most"."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from customer.tables.metadata import ID, MOMENT, metadata

contact_roles = Table(
    "contact_roles",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
