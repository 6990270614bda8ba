"""What customers that sell have said of the orders that hold their listings."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from ordering.tables.metadata import ID, MOMENT, metadata

sales = Table(
    "sales",
    metadata,
    Column("id", ID, primary_key=True),
    Column("order_id", ID, nullable=False),
    Column("order_revision", Integer, nullable=False),  # of the content about which the seller was asked
    Column("customer_id", ID, nullable=False),  # who buys
    Column("seller_id", ID, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
