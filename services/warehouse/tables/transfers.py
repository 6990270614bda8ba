"""What is moved between warehouses. While it is on its way it is in no balance."""

from sqlalchemy import BigInteger, Column, Integer, Numeric, Table, Text

from warehouse.tables.metadata import ID, MOMENT, metadata

transfers = Table(
    "transfers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("from_id", ID, nullable=False),
    Column("to_id", ID, nullable=False),
    Column("customer_id", ID),  # whose dedicated warehouse one of the two is
    Column("status", Text, nullable=False),
    Column("requested_by", Text),  # null for what was asked for before this was kept
    Column("note", Text),
    Column("reason", Text),  # why something is missing, or it was cancelled
    Column("sent_at", MOMENT),
    Column("received_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

transfer_lines = Table(
    "transfer_lines",
    metadata,
    Column("id", ID, primary_key=True),
    Column("transfer_id", ID, nullable=False),
    Column("customer_id", ID),
    Column("position", Integer, nullable=False),
    Column("sku", Text, nullable=False),
    Column("owner_id", ID),
    Column("quantity", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("unit_cost_minor", Numeric(24, 6)),  # at the average when it left
    Column("currency", Text),
)
