"""What companies have, its history, and who asked for what."""

from sqlalchemy import BigInteger, Column, Date, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.tables.metadata import ID, MOMENT, metadata

assets = Table(
    "assets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("tag", Text, nullable=False),
    Column("serial", Text),
    Column("name", Text, nullable=False),
    Column("model", Text),
    Column("sku", Text),
    Column("status", Text, nullable=False),
    Column("after_repair", Text),  # where it goes back to when it is mended
    Column("custodian_id", ID),
    Column("custodian_label", Text),
    Column("property_id", ID),
    Column("location", Text),
    Column("warehouse_id", ID),
    Column("request_id", ID),  # to which it is promised
    Column("warranty_until", Date),
    Column("purchased_on", Date),
    Column("note", Text),
    Column("reason", Text),  # why it is lost or retired
    Column("order_id", ID),
    Column("order_number", Text),
    Column("shipment_id", ID),
    Column("line_id", ID),
    Column("retired_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

asset_history = Table(
    "asset_history",
    metadata,
    Column("id", ID, primary_key=True),
    Column("asset_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("command", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("request_id", ID),
    Column("actor", Text, nullable=False),
    Column("actor_label", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
)

asset_requests = Table(
    "asset_requests",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("status", Text, nullable=False),
    Column("held_from", Text),
    Column("named_asset_id", ID),
    Column("sku", Text),
    Column("model", Text),
    Column("asset_id", ID),  # that is promised, or was handed over
    Column("custodian_id", ID),
    Column("custodian_label", Text),
    Column("property_id", ID),
    Column("location", Text),
    Column("needed_on", Date),
    Column("note", Text),
    Column("reason", Text),  # why it was approved, denied or cancelled
    Column("requested_by", Text, nullable=False),
    Column("requester_label", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_label", Text),
    Column("decided_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
