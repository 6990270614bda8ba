"""What comes back."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from warehouse.tables.metadata import ID, MOMENT, metadata

returns = Table(
    "returns",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("warehouse_id", ID, nullable=False),
    Column("dedicated", Boolean, nullable=False),  # whether it goes into the customer's own warehouse
    Column("status", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("note", Text),
    Column("reason", Text),  # why it was denied, cancelled or closed
    Column("override_reason", Text),  # why staff takes back what is too late
    Column("ship_by", Date),
    Column("carrier", Text),
    Column("tracking_number", Text),
    Column("authorized_at", MOMENT),
    Column("arrived_at", MOMENT),
    Column("received_at", MOMENT),
    Column("inspected_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

return_claims = Table(
    "return_claims",
    metadata,
    Column("shipment_id", ID, primary_key=True),
    Column("line_id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("shipped", BigInteger, nullable=False),
    Column("claimed", BigInteger, nullable=False),
)

return_lines = Table(
    "return_lines",
    metadata,
    Column("id", ID, primary_key=True),
    Column("return_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("shipment_id", ID),  # null where nobody announced the goods
    Column("shipment_number", Text),
    Column("line_id", ID),
    Column("order_id", ID),
    Column("order_number", Text),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("quantity_requested", BigInteger, nullable=False),
    Column("quantity_authorized", BigInteger, nullable=False),
    Column("quantity_claimed", BigInteger, nullable=False),  # what it takes up of what was shipped
    Column("quantity_received", BigInteger, nullable=False),
    Column("quantity_accepted", BigInteger, nullable=False),
    Column("quantity_rejected", BigInteger, nullable=False),
    Column("quantity_replaced", BigInteger, nullable=False),  # for how many others are sent at no charge
    Column("replacement_sku", Text),  # where another article is sent instead
    Column("serials", ARRAY(Text), nullable=False),
    Column("serials_received", ARRAY(Text), nullable=False),
    Column("outcomes", JSONB, nullable=False),
)

return_serials = Table(
    "return_serials",
    metadata,
    Column("shipment_id", ID, primary_key=True),
    Column("line_id", ID, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("return_line_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
)

serials_out = Table(
    "serials_out",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("shipment_id", ID, nullable=False),
    Column("line_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
)
