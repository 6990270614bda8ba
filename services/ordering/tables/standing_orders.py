"""Standing orders, and what each of their days has brought."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from ordering.tables.metadata import ID, MOMENT, metadata

# Lines keep SKU and name, which say what a listing was that is not offered any more.
standing_orders = Table(
    "standing_orders",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),  # the actor in whose name it orders
    Column("owner_label", Text),
    Column("status", Text, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("every", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("starts_on", Date, nullable=False),  # from which its days are counted
    Column("next_on", Date),  # null once it has ended
    Column("ends_on", Date),
    Column("po_number", Text),
    Column("ship_to", JSONB(none_as_null=True)),
    Column("note", Text),
    Column("last_outcome", Text),
    Column("last_code", Text),
    Column("last_detail", Text),
    Column("last_order_id", ID),
    Column("last_on", Date),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

standing_order_runs = Table(
    "standing_order_runs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("standing_order_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("order_id", ID),  # also where its submission was refused: the draft is there
    Column("code", Text),
    Column("detail", Text),
    Column("created_at", MOMENT, nullable=False),
)
