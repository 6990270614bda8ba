"""What somebody is to do."""

from sqlalchemy import BigInteger, Column, Date, Table, Text

from automation.tables.metadata import ID, MOMENT, metadata

tasks = Table(
    "tasks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID),  # whom it is about; null: nobody
    Column("audience", Text, nullable=False),  # whose people are to do it
    Column("title", Text, nullable=False),
    Column("note", Text),
    Column("due_on", Date),
    Column("assignee", Text),  # a role or a name
    Column("status", Text, nullable=False),
    Column("run_id", ID),  # which made it; null: a person did
    Column("chain_id", ID),
    Column("created_by", Text, nullable=False),
    Column("created_by_label", Text, nullable=False),
    Column("closed_by", Text),
    Column("closed_by_label", Text),
    Column("closed_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
