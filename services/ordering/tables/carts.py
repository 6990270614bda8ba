"""Carts and saved lists, and what lies in them."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from ordering.tables.metadata import ID, MOMENT, metadata

carts = Table(
    "carts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("name", Text),
    Column("owner", Text, nullable=False),  # the actor who made it
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

cart_lines = Table(
    "cart_lines",
    metadata,
    Column("id", ID, primary_key=True),
    Column("cart_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),  # of the cart, by which its rows are protected
    Column("listing_id", ID, nullable=False),
    Column("quantity", Integer, nullable=False),
)
