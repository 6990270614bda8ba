"""The tables of this service, as its migrations make them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

_ID = Uuid(as_uuid=False)
_MOMENT = DateTime(timezone=True)

# Confirmed orders as ordering tells of them. The row of an order is the lock of all that is charged for it; version 0
# is one of which only something else was heard yet.
replica_orders = Table(
    "replica_orders",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("number", Text),
    Column("customer_id", _ID),
    Column("currency", Text),
)

replica_order_lines = Table(
    "replica_order_lines",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),  # of the order
    Column("order_id", _ID, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("is_charged", Boolean, nullable=False),
)

# What is to be charged as soon as its order, or what it gives back, is known well enough.
waiting_deliveries = Table(
    "waiting_deliveries",
    metadata,
    Column("source", Text, primary_key=True),
    Column("source_id", _ID, primary_key=True),
    Column("source_line_id", _ID, primary_key=True),
    Column("order_id", _ID, nullable=False),
    Column("line_id", _ID, nullable=False),
    Column("shipment_id", _ID, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("delivered_on", Date, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
)

charges = Table(
    "charges",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("customer_id", _ID, nullable=False),
    Column("order_id", _ID, nullable=False),
    Column("order_number", Text),
    Column("line_id", _ID, nullable=False),
    Column("shipment_id", _ID, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_id", _ID, nullable=False),
    Column("source_line_id", _ID, nullable=False),
    Column("credits_id", _ID),  # the charge that it gives back
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("delivered_on", Date, nullable=False),  # of a credit, the day of the charge that it gives back
    Column("state", Text, nullable=False),
    Column("parked_because", Text),
    Column("decision_id", _ID),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

# One row per customer of which anything was charged: the lock of its charges, and their sums by state and currency.
billing_accounts = Table(
    "billing_accounts",
    metadata,
    Column("customer_id", _ID, primary_key=True),
    Column("totals", JSONB, nullable=False),
    Column("parked_count", BigInteger, nullable=False),
    Column("parked_since", Date),
    Column("last_decision", JSONB),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

billing_decisions = Table(
    "billing_decisions",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("customer_id", _ID, nullable=False),
    Column("decision", Text, nullable=False),
    Column("from_day", Date),
    Column("reason", Text),
    Column("count", BigInteger, nullable=False),
    Column("sums", JSONB, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_label", Text, nullable=False),
    Column("decided_at", _MOMENT, nullable=False),
)
