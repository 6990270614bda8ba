"""Entries, and the customers that they are about."""

from alembic import op

from common.migrations import create_mechanics, find_in_log, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "automation"


def upgrade() -> None:
    create_mechanics(SERVICE)
    find_in_log()
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "entries")
    protect(SERVICE, "replica_customers", customer_column="id")


_TABLES = """
CREATE TABLE entries (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    title text NOT NULL CHECK (title <> ''),
    status text NOT NULL CHECK (status IN ('open', 'closed')),
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX entries_of_customer ON entries (customer_id, id);

CREATE TABLE replica_customers (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    name text NOT NULL
)
"""
