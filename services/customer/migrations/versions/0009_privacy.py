"""Requests of people about their data, legal holds, and finding a person in the log."""

from alembic import op

from common.migrations import allow_staff, find_in_log

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SERVICE = "customer"


def upgrade() -> None:
    find_in_log()
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("privacy_requests", "legal_holds"):
        allow_staff(SERVICE, table)


# A request outlives its customer: its receipt is the proof that somebody was erased.
_TABLES = """
CREATE TABLE privacy_requests (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    subject_type text NOT NULL CHECK (subject_type IN ('contact', 'customer')),
    subject_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('export', 'erase')),
    reason text NOT NULL CHECK (reason <> ''),
    state text NOT NULL CHECK (state IN ('running', 'completed')),
    awaited text[] NOT NULL,
    receipt jsonb NOT NULL,
    requested_by text NOT NULL,
    requested_label text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    completed_at timestamptz,
    CONSTRAINT completed_when_nobody_is_awaited CHECK ((state = 'completed') = (awaited = '{}')),
    CONSTRAINT completed_at_a_moment CHECK ((state = 'completed') = (completed_at IS NOT NULL))
);

CREATE INDEX privacy_requests_newest ON privacy_requests (created_at DESC, id DESC);

CREATE INDEX privacy_requests_of ON privacy_requests (customer_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX erased_once ON privacy_requests (subject_id) WHERE kind = 'erase';

CREATE TABLE legal_holds (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    reason text NOT NULL CHECK (reason <> ''),
    placed_by text NOT NULL,
    placed_label text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX legal_holds_of ON legal_holds (customer_id, id)
"""
