"""Rules, runs and tasks, the customers that they are about, and what their portal may do."""

from alembic import op

from common.migrations import CUSTOMER_IDS, allow_staff, create_mechanics, find_in_log, protect
from customer_replica import create_customer_replica
from customer_replica.merging import create_customer_merges

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "automation"


def upgrade() -> None:
    create_mechanics(SERVICE)
    find_in_log()
    create_customer_replica(SERVICE)
    create_customer_merges(SERVICE)
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "automation_rules", portal="SELECT, INSERT, UPDATE, DELETE")
    protect(SERVICE, "runs")
    allow_staff(SERVICE, "tasks")
    op.execute("GRANT SELECT, INSERT, UPDATE ON tasks TO automation_portal")
    op.execute(
        "CREATE POLICY tasks_portal ON tasks TO automation_portal"
        f" USING (customer_id = ANY ({CUSTOMER_IDS}) AND audience = 'customer')"
    )


_TABLES = """
CREATE TABLE automation_rules (
    id uuid PRIMARY KEY,
    customer_id uuid,
    name text NOT NULL CHECK (name <> ''),
    event_type text NOT NULL,
    condition jsonb NOT NULL,
    currency text,
    actions jsonb NOT NULL CHECK (jsonb_array_length(actions) BETWEEN 1 AND 5),
    enabled boolean NOT NULL,
    enabled_at timestamptz,
    paused_reason text CHECK (paused_reason IN ('rate_cap')),
    most_per_hour integer NOT NULL CHECK (most_per_hour BETWEEN 1 AND 1000),
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (NOT enabled OR enabled_at IS NOT NULL AND paused_reason IS NULL)
);

CREATE INDEX rules_listening ON automation_rules (event_type, customer_id) WHERE enabled;

CREATE INDEX rules_of_customer ON automation_rules (customer_id, id);

CREATE TABLE runs (
    id uuid PRIMARY KEY,
    rule_id uuid NOT NULL,
    rule_name text NOT NULL,
    rule_version bigint NOT NULL,
    customer_id uuid,
    event_customer_id uuid,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    subject text NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'done', 'failed', 'dropped', 'stopped')),
    reason text,
    detail text,
    chain_id uuid NOT NULL,
    chain jsonb NOT NULL,
    chain_depth integer NOT NULL,
    facts jsonb NOT NULL,
    actions jsonb NOT NULL,
    steps jsonb NOT NULL,
    correlation_id text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    UNIQUE (rule_id, event_id),
    CHECK ((status = 'queued') = (ended_at IS NULL)),
    CHECK ((status IN ('stopped', 'dropped')) = (reason IS NOT NULL)),
    CHECK ((status IN ('stopped', 'dropped', 'failed')) = (detail IS NOT NULL))
);

CREATE INDEX runs_queued ON runs (id) WHERE status = 'queued';

CREATE INDEX runs_of_rule ON runs (rule_id, created_at);

CREATE INDEX runs_of_customer ON runs (customer_id, id);

CREATE INDEX runs_about_customer ON runs (event_customer_id, id);

CREATE INDEX runs_of_chain ON runs (chain_id, id);

CREATE INDEX runs_ended ON runs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    customer_id uuid,
    audience text NOT NULL CHECK (audience IN ('staff', 'customer')),
    title text NOT NULL CHECK (title <> ''),
    note text,
    due_on date,
    assignee text,
    status text NOT NULL CHECK (status IN ('open', 'done', 'cancelled')),
    run_id uuid,
    chain_id uuid,
    created_by text NOT NULL,
    created_by_label text NOT NULL,
    closed_by text,
    closed_by_label text,
    closed_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (audience = 'staff' OR customer_id IS NOT NULL),
    CHECK ((status = 'open') = (closed_at IS NULL)),
    CHECK ((run_id IS NULL) = (chain_id IS NULL))
);

CREATE INDEX tasks_of_customer ON tasks (customer_id, id);

CREATE INDEX tasks_open ON tasks (id) WHERE status = 'open';

CREATE INDEX tasks_of_chain ON tasks (chain_id) WHERE chain_id IS NOT NULL
"""
