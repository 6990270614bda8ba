"""Who signs in to the portal of a customer, and in which roles, as identity last said; what its contacts are, and the
segments that customers are in."""

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

# A stay of a customer in a segment; one that has ended is gone.
replica_segment_members = Table(
    "replica_segment_members",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("segment_id", ID),
    Column("segment_name", Text),
    Column("customer_id", ID),
    Column("gone", Boolean, nullable=False),
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
