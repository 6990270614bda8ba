"""What customers claim of what was sent to them. How many of a shipped line are in claims is counted with its returns,
in `return_claims`."""

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from warehouse.tables.metadata import ID, MOMENT, metadata

claims = Table(
    "claims",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("status", Text, nullable=False),
    Column("shipment_id", ID, nullable=False),
    Column("shipment_number", Text, nullable=False),
    Column("line_id", ID, nullable=False),
    Column("order_id", ID, nullable=False),
    Column("order_number", Text),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("quantity_claimed", BigInteger, nullable=False),  # what it takes up of what was shipped
    Column("quantity_accepted", BigInteger, nullable=False),
    Column("resolution", Text, nullable=False),  # what is wanted
    Column("granted", Text),  # what staff has decided; null before
    Column("replacement_sku", Text),  # where something else is sent instead
    Column("files", ARRAY(ID), nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("note", Text),
    Column("reason", Text),  # why it was decided so
    Column("override_reason", Text),  # why staff takes a claim that is too late
    Column("decided_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
