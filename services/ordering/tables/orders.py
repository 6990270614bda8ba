"""Orders with their lines, and what the warehouse has told about them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from ordering.tables.metadata import ID, MOMENT, metadata

orders = Table(
    "orders",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("company_path", JSONB, nullable=False),  # the root first, as it was at the submission
    Column("requester_id", ID),
    Column("requester_label", Text),
    Column("status", Text, nullable=False),
    Column("hold_reasons", ARRAY(Text), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("currency", Text),
    Column("source", Text, nullable=False),
    Column("po_number", Text),
    Column("cost_centre", Text),
    Column("external_number", Text),
    Column("ship_policy", Text, nullable=False),
    Column("ordered_on", Date),  # elsewhere, before it came here
    Column("requested_on", Date),
    Column("assignment", JSONB(none_as_null=True)),  # for which department and person, and on whose account
    Column("ship_to", JSONB(none_as_null=True)),
    Column("note", Text),
    Column("total_minor", BigInteger, nullable=False),
    Column("reason", Text),
    Column("override_reason", Text),  # why staff ordered what the customer could not
    Column("settings_snapshot", JSONB(none_as_null=True)),  # what governed it, since its submission
    Column("asked_version", BigInteger),  # the version to which the warehouse owes an answer, or has given it
    Column("keep_planned", Boolean),  # while a customer gives lines up: not what a planned shipment holds
    Column("placed_at", MOMENT),
    Column("reminded_at", MOMENT),  # when it was told that it expires soon
    Column("confirmed_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("id", ID, primary_key=True),
    Column("order_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("listing_id", ID, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("unit_price_minor", BigInteger),
    Column("discount", Numeric(5, 4), nullable=False),
    Column("total_minor", BigInteger),
    Column("cost_centre", Text),  # instead of the order's
    Column("price_source", JSONB(none_as_null=True)),
    Column("seller_id", ID),  # the customer that sells it; null is the provider
    Column("supply_mode", Text, nullable=False),
    Column("backorder_allowed", Boolean, nullable=False),
    Column("backorder_cap", Integer),  # how many of the listing may wait at once, over all orders
    Column("requested_on", Date),
    Column("promised_on", Date),
    Column("quantity_reserved", BigInteger, nullable=False),
    Column("quantity_allocated", BigInteger, nullable=False),
    Column("quantity_backordered", BigInteger, nullable=False),
    Column("quantity_shipped", BigInteger, nullable=False),
    Column("quantity_cancelled", BigInteger, nullable=False),
    Column("quantity_cancelling", BigInteger, nullable=False),  # asked to be given up, and not answered yet
    Column("quantity_returned", BigInteger, nullable=False),
)

replica_reservations = Table(
    "replica_reservations",
    metadata,
    Column("order_id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("order_number", Text),
    Column("order_version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_at", MOMENT),
    Column("lines", JSONB, nullable=False),
    Column("received_at", MOMENT, nullable=False),
)

replica_shipments = Table(
    "replica_shipments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("order_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("tracking", JSONB(none_as_null=True)),
    Column("shipped_at", MOMENT),
    Column("lines", JSONB, nullable=False),
)

replica_returns = Table(
    "replica_returns",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("order_ids", ARRAY(ID), nullable=False),
    Column("dedicated", Boolean, nullable=False),
    Column("created_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("lines", JSONB, nullable=False),  # of orders: how much of which line is to come, has come and was accepted
)
