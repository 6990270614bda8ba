"""Warehouses, balances and movements of stock, and what is known of articles."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.tables.metadata import ID, MOMENT, metadata

warehouses = Table(
    "warehouses",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("customer_id", ID),
    Column("status", Text, nullable=False),
    Column("address", JSONB),
    Column("priority", Integer, nullable=False),
    Column("switched_on", Boolean, nullable=False),  # what was last seen of its customer's switch
    Column("drained_by_switch", Boolean, nullable=False),
    Column("surplus", Boolean, nullable=False),  # came by a merge to a customer that has its own; it is emptied
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

replica_items = Table(
    "replica_items",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sku", Text),
    Column("name", Text),
    Column("unit", Text),
    Column("kind", Text),
    Column("backorder_policy", Text),
    Column("status", Text),
    Column("return_days", Integer),
    Column("lead_days", Integer),
    Column("preorderable", Boolean),
    Column("available_from", Date),
    Column("gone", Boolean, nullable=False),
)

stock_balances = Table(
    "stock_balances",
    metadata,
    Column("id", ID, primary_key=True),
    Column("warehouse_id", ID, nullable=False),
    Column("customer_id", ID),  # whose dedicated warehouse it is in
    Column("sku", Text, nullable=False),
    Column("owner_id", ID),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("allocated", BigInteger, nullable=False),
    Column("quarantine", BigInteger, nullable=False),
    Column("safety_stock", BigInteger, nullable=False),
    Column("average_cost_minor", Numeric(24, 6)),
    Column("currency", Text),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

stock_movements = Table(
    "stock_movements",
    metadata,
    Column("id", ID, primary_key=True),
    Column("balance_id", ID, nullable=False),
    Column("warehouse_id", ID, nullable=False),
    Column("customer_id", ID),
    Column("sku", Text, nullable=False),
    Column("owner_id", ID),
    Column("kind", Text, nullable=False),
    Column("pool", Text, nullable=False),  # on_hand, or quarantine: what is kept apart
    Column("quantity", BigInteger, nullable=False),
    Column("unit_cost_minor", Numeric(24, 6)),
    Column("currency", Text),
    Column("reference", Text),
    Column("shipment_id", ID),
    Column("actor", Text, nullable=False),
    Column("actor_label", Text, nullable=False),
    Column("note", Text),
    Column("created_at", MOMENT, nullable=False),
)
