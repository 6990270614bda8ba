"""Promised days that have moved, and what their buyers say to it."""

from sqlalchemy import BigInteger, Column, Date, Table, Text

from ordering.tables.metadata import ID, MOMENT, metadata

date_decisions = Table(
    "date_decisions",
    metadata,
    Column("id", ID, primary_key=True),  # of the order line
    Column("order_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("heard", BigInteger, nullable=False),  # how many times the warehouse has moved the day
    Column("agreed_on", Date, nullable=False),
    Column("promised_on", Date, nullable=False),
    Column("decision", Text),  # null: nothing is asked
    Column("asked_at", MOMENT),
    Column("decided_at", MOMENT),
    Column("version", BigInteger, nullable=False),
)
