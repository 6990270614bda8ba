"""The two tables: customers with their place, and what each scope has decided of the switches."""

from sqlalchemy import BigInteger, Boolean, Column, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()

_ID = Uuid(as_uuid=False)

replica_customers = Table(
    "replica_customers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("number", Text),
    Column("name", Text),
    Column("status", Text),
    Column("parent_id", _ID),
    Column("group_id", _ID),
    Column("gone", Boolean, nullable=False),
)

# `subject` is `platform`, or the id of the group or customer.
replica_scopes = Table(
    "replica_scopes",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("scope", Text),
    Column("values", JSONB),
    Column("locks", ARRAY(Text)),
    Column("licensed", Boolean),
)
