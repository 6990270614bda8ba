"""The imports with their files and refused rows."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from customer.tables.metadata import ID, MOMENT, metadata

imports = Table(
    "imports",
    metadata,
    Column("id", ID, primary_key=True),
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
    Column("possible_duplicates", Integer, nullable=False),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("last_event_id", ID),
    Column("requested_by", Text, nullable=False),
    Column("requested_label", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", ID),
    Column("leased_until", MOMENT),
    Column("outbox_from", BigInteger),
    Column("outbox_to", BigInteger),
    Column("reversion", Text),
    Column("reversion_dry_run", Boolean),
    Column("reversion_by", Text),
    Column("reversion_label", Text),
    Column("reversion_after", ID),
    Column("reversion_before", BigInteger),
    Column("reverted", Integer, nullable=False),
    Column("reversion_skipped", Integer, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("started_at", MOMENT),
    Column("finished_at", MOMENT),
)

import_parts = Table(
    "import_parts",
    metadata,
    Column("import_id", ID, primary_key=True),
    Column("part", Integer, primary_key=True),
)

rejected_rows = Table(
    "rejected_rows",
    metadata,
    Column("import_id", ID, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("cells", JSONB, nullable=False),
)

# What a reversion left as it is, and why.
reversion_skips = Table(
    "reversion_skips",
    metadata,
    Column("import_id", ID, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("customer_id", ID),
    Column("entity", Text, nullable=False),
    Column("record_id", ID, nullable=False),
    Column("path", Text),
    Column("reason", Text, nullable=False),
)
