"""Notes and follow-ups, and what was written before an edit."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Table, Text

from customer.tables.metadata import ID, MOMENT, metadata

notes = Table(
    "notes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("scope_type", Text, nullable=False),
    Column("scope_id", ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("urgent_reason", Text),
    Column("urgent_owner_id", ID),
    Column("urgent_owner_label", Text),
    Column("urgent_until", MOMENT),
    Column("due_on", Date),
    Column("owner_id", ID),
    Column("owner_label", Text),
    Column("done_at", MOMENT),
    Column("done_by", Text),
    Column("done_by_label", Text),
    Column("author", Text, nullable=False),
    Column("author_label", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

note_versions = Table(
    "note_versions",
    metadata,
    Column("note_id", ID, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("written_at", MOMENT, nullable=False),
    Column("replaced_at", MOMENT, nullable=False),
    Column("replaced_by", Text, nullable=False),
    Column("replaced_by_label", Text, nullable=False),
)
