"""Rules of purchase order numbers, purchase orders with an amount, and what orders have drawn of them."""

from sqlalchemy import BigInteger, Column, Date, Numeric, Table, Text

from ordering.tables.metadata import ID, MOMENT, metadata

po_rules = Table(
    "po_rules",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("required_from_minor", BigInteger),  # null is never, 0 always
    Column("currency", Text),
    Column("mask", Text),
    Column("unique", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

purchase_orders = Table(
    "purchase_orders",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("number", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("drawn_minor", BigInteger, nullable=False),  # by all orders; one statement adds to it, or refuses
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

po_drawdowns = Table(
    "po_drawdowns",
    metadata,
    Column("order_id", ID, primary_key=True),
    Column("purchase_order_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),  # of the purchase order
    Column("amount_minor", BigInteger, nullable=False),  # in its currency
    Column("given_back_minor", BigInteger, nullable=False),
    Column("order_minor", BigInteger, nullable=False),  # the same in the order's currency
    Column("rate", Numeric, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
