"""What orders are promised."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.tables.metadata import ID, MOMENT, metadata

order_reservations = Table(
    "order_reservations",
    metadata,
    Column("order_id", ID, primary_key=True),
    Column("order_number", Text),
    Column("customer_id", ID, nullable=False),
    Column("order_version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("ship_policy", Text, nullable=False),
    Column("ship_to", JSONB),
    Column("expires_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

reservation_lines = Table(
    "reservation_lines",
    metadata,
    Column("line_id", ID, primary_key=True),
    Column("order_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("backorder_allowed", Boolean, nullable=False),
    Column("backordered", BigInteger, nullable=False),
    Column("queue_position", BigInteger),
    Column("shipped", BigInteger, nullable=False),
    Column("promised_on", Date),
    Column("preorder", Boolean, nullable=False),
    Column("listing_id", ID),
    Column("dates", BigInteger, nullable=False),  # how many days were promised, one after the other
)

reservation_sources = Table(
    "reservation_sources",
    metadata,
    Column("line_id", ID, primary_key=True),
    Column("balance_id", ID, primary_key=True),
    Column("order_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("warehouse_id", ID, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("allocated", BigInteger, nullable=False),
    Column("shipped", BigInteger, nullable=False),
    Column("at_risk", BigInteger, nullable=False),
)
