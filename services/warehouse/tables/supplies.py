"""Goods that are on their way in, and the days that were promised to what waits for them."""

from sqlalchemy import BigInteger, Column, Date, Table, Text

from warehouse.tables.metadata import ID, MOMENT, metadata

inbound_supplies = Table(
    "inbound_supplies",
    metadata,
    Column("id", ID, primary_key=True),
    Column("warehouse_id", ID, nullable=False),
    Column("sku", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("preorder_quantity", BigInteger, nullable=False),  # of it, for pre-orders
    Column("received", BigInteger, nullable=False),
    Column("served", BigInteger, nullable=False),  # of those for pre-orders, how many went to some
    Column("expected_on", Date, nullable=False),
    Column("reference", Text),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

promised_dates = Table(
    "promised_dates",
    metadata,
    Column("line_id", ID, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("order_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("sku", Text, nullable=False),
    Column("before", Date),  # null: the first day that was promised
    Column("after", Date, nullable=False),
    Column("cause", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
)
