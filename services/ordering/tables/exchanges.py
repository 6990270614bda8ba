"""What customers claim of their orders, as the warehouse has told it, and the orders of what is sent instead."""

from sqlalchemy import BigInteger, Boolean, Column, Table, Text

from ordering.tables.metadata import ID, MOMENT, metadata

replica_claims = Table(
    "replica_claims",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("order_id", ID, nullable=False),
    Column("line_id", ID, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("quantity_accepted", BigInteger, nullable=False),
    Column("quantity_replaced", BigInteger, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("granted", Text),
    Column("credit_pending", Boolean, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("decided_at", MOMENT),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("origin_kind", Text, primary_key=True),  # return or claim
    Column("origin_id", ID, primary_key=True),
    Column("origin_number", Text, nullable=False),
    Column("of_order_id", ID, nullable=False),
    Column("of_line_id", ID, primary_key=True),  # whose goods are replaced
    Column("order_id", ID, primary_key=True),  # which sends what replaces them
    Column("customer_id", ID, nullable=False),
    Column("quantity", BigInteger, nullable=False),
)
