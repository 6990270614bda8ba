"""The tables of this service, as its migrations make them."""

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Table, Text, Uuid

metadata = MetaData()

entries = Table(
    "entries",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("customer_id", Uuid(as_uuid=False), nullable=False),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

replica_customers = Table(
    "replica_customers",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
)
