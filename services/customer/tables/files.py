"""Files with their contents, who read them, and which documents are required."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from customer.tables.metadata import ID, MOMENT, metadata

files = Table(
    "files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("scope_type", Text, nullable=False),
    Column("scope_id", ID, nullable=False),
    Column("category", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("audience", Text, nullable=False),
    Column("portal_roles", ARRAY(Text), nullable=False),
    Column("document_type", Text),
    Column("expires_on", Date),
    Column("signature", Text),
    Column("reminded", Integer),
    Column("legal_hold", Boolean, nullable=False),
    Column("hold_reason", Text),
    Column("revision", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("uploaded_at", MOMENT, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_label", Text, nullable=False),
    Column("deleted_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

file_contents = Table(
    "file_contents",
    metadata,
    Column("file_id", ID, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("uploaded_at", MOMENT, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_label", Text, nullable=False),
)

# A content in the storage, or on its way there or out of it; never in the storage without its row here.
blobs = Table(
    "blobs",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("claimed_until", MOMENT, nullable=False),
    Column("removing", Boolean, nullable=False),
)

file_accesses = Table(
    "file_accesses",
    metadata,
    Column("id", ID, primary_key=True),
    Column("file_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("audience", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_label", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
)

document_requirements = Table(
    "document_requirements",
    metadata,
    Column("id", ID, primary_key=True),
    Column("document_type", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", Text),
    Column("group_id", ID),
    Column("signed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
