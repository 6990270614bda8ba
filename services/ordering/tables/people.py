"""Who signs in to the portal of a customer, and in which roles, as identity last said; and what its contacts are."""

from sqlalchemy import BigInteger, Boolean, Column, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from ordering.tables.metadata import ID, metadata

# Per customer, `[{account_id, label, roles, subtree, contact_id}]` of those who may sign in, and the parent from which
# roles flow down to it.
replica_portal_roles = Table(
    "replica_portal_roles",
    metadata,
    Column("customer_id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("accounts", JSONB, nullable=False),
    Column("accepted_parent_id", ID),
)

replica_contact_roles = Table(
    "replica_contact_roles",
    metadata,
    Column("contact_id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("customer_id", ID),
    Column("roles", ARRAY(Text), nullable=False),
    Column("gone", Boolean, nullable=False),
)
