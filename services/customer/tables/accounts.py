"""Who reads by the portal of a customer, as identity last said."""

from sqlalchemy import BigInteger, Column, Table
from sqlalchemy.dialects.postgresql import JSONB

from customer.tables.metadata import ID, metadata

# Per customer, `[{account_id, label, roles, subtree}]` of those who may sign in to its portal.
replica_portal_access = Table(
    "replica_portal_access",
    metadata,
    Column("customer_id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("accounts", JSONB, nullable=False),
)
