"""Who signs in to the portal of a customer, and in which roles, as identity last said."""

from sqlalchemy import BigInteger, Column, Table
from sqlalchemy.dialects.postgresql import JSONB

from ordering.tables.metadata import ID, metadata

# Per customer, `[{account_id, roles, subtree}]`.
replica_portal_roles = Table(
    "replica_portal_roles",
    metadata,
    Column("customer_id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("accounts", JSONB, nullable=False),
)
