"""What is sent, and was."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from warehouse.tables.metadata import ID, MOMENT, metadata

shipments = Table(
    "shipments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("order_id", ID, nullable=False),
    Column("order_number", Text),
    Column("customer_id", ID, nullable=False),
    Column("warehouse_id", ID, nullable=False),
    Column("status", Text, nullable=False),
    Column("ship_to", JSONB),
    Column("carrier", Text),
    Column("tracking_number", Text),
    Column("tracking_url", Text),
    Column("cost_minor", BigInteger),
    Column("currency", Text),
    Column("shipped_at", MOMENT),
    Column("delivered_at", MOMENT),
    Column("cancelled_at", MOMENT),
    Column("exception", Text),  # what went wrong on its way
    Column("exception_note", Text),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

shipment_lines = Table(
    "shipment_lines",
    metadata,
    Column("shipment_id", ID, primary_key=True),
    Column("line_id", ID, primary_key=True),
    Column("balance_id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("serials", ARRAY(Text), nullable=False),
)
