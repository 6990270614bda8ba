"""The tables of this service, as its migrations make them."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()

_ID = Uuid(as_uuid=False)

# One row per scope that has decided something; `subject` is `platform`, or the id of the group or customer.
scope_settings = Table(
    "scope_settings",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("group_id", _ID),
    Column("customer_id", _ID),
    Column("switches", JSONB, nullable=False),
    Column("locks", ARRAY(Text), nullable=False),
    Column("licence_by", Text),
    Column("licence_at", DateTime(timezone=True)),
    Column("licence_note", Text),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

replica_customers = Table(
    "replica_customers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text),
    Column("status", Text),
    Column("parent_id", _ID),
    Column("group_id", _ID),
    Column("gone", Boolean, nullable=False),
)

replica_groups = Table(
    "replica_groups",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text),
    Column("gone", Boolean, nullable=False),
)
