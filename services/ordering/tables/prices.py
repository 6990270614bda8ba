"""Price lists, and the prices in them."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text

from ordering.tables.metadata import ID, MOMENT, metadata

# `target_id` is the customer of a customer's or contract's list, the group of a group's, and null in a standard one.
price_lists = Table(
    "price_lists",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target_id", ID),
    Column("currency", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),  # its last day
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

prices = Table(
    "prices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("list_id", ID, nullable=False),
    Column("listing_id", ID, nullable=False),
    Column("min_quantity", Integer, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),  # its last day
    Column("unit_minor", BigInteger, nullable=False),  # of the smallest unit of the list's currency
)
