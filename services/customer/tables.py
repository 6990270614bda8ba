"""The tables of this service, as its migrations make them."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()

_ID = Uuid(as_uuid=False)
_MOMENT = DateTime(timezone=True)

customers = Table(
    "customers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("dba_name", Text),
    Column("parent_id", _ID),
    Column("group_id", _ID),
    Column("primary_contact_id", _ID),
    Column("archive_id", _ID),
    Column("archive_reason", Text),
    Column("archived_at", _MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

external_ids = Table(
    "external_ids",
    metadata,
    Column("system", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("customer_id", _ID, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("customer_id", _ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text),
    Column("department", Text),
    Column("emails", JSONB, nullable=False),
    Column("phones", JSONB, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("customer_id", _ID, nullable=False),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("default_for", ARRAY(Text), nullable=False),
    Column("line1", Text, nullable=False),
    Column("line2", Text),
    Column("city", Text, nullable=False),
    Column("region", Text),
    Column("postal_code", Text),
    Column("country", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

customer_groups = Table(
    "customer_groups",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("type", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("match", Text, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("columns", JSONB),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("created", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("invalid", Integer, nullable=False),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("last_event_id", _ID),
    Column("requested_by", Text, nullable=False),
    Column("requested_label", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", _ID),
    Column("leased_until", _MOMENT),
    Column("created_at", _MOMENT, nullable=False),
    Column("started_at", _MOMENT),
    Column("finished_at", _MOMENT),
)

import_parts = Table(
    "import_parts",
    metadata,
    Column("import_id", _ID, primary_key=True),
    Column("part", Integer, primary_key=True),
)

rejected_rows = Table(
    "rejected_rows",
    metadata,
    Column("import_id", _ID, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("cells", JSONB, nullable=False),
)
