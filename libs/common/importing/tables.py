"""The imports with their refused rows, as every service keeps them."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

_ID = Uuid(as_uuid=False)
_MOMENT = DateTime(timezone=True)

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
    Column("outbox_from", BigInteger),
    Column("outbox_to", BigInteger),
    Column("created_at", _MOMENT, nullable=False),
    Column("started_at", _MOMENT),
    Column("finished_at", _MOMENT),
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
