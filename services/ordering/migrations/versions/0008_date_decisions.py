"""Decisions of buyers about promised days that have moved."""

from alembic import op

from common.migrations import protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SERVICE = "ordering"


def upgrade() -> None:
    for statement in _DECISIONS.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "date_decisions", portal="SELECT, UPDATE")


_DECISIONS = """
CREATE TABLE date_decisions (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    heard bigint NOT NULL CHECK (heard > 0),
    agreed_on date NOT NULL,
    promised_on date NOT NULL,
    decision text CHECK (decision IN ('open', 'accepted', 'cancelled')),
    asked_at timestamptz,
    decided_at timestamptz,
    version bigint NOT NULL CHECK (version >= 0),
    CHECK (decision IS NULL OR asked_at IS NOT NULL)
);

CREATE INDEX date_decisions_of_order ON date_decisions (order_id)
"""
