"""Cost centres; limits say whether returns give back, and tell when little is left."""

from alembic import op

from common.migrations import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    protect("ordering", "cost_centres", portal="SELECT, INSERT, UPDATE")


_TABLES = """
CREATE TABLE cost_centres (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    code text NOT NULL CHECK (code <> ''),
    code_key text GENERATED ALWAYS AS (lower(code)) STORED,
    name text NOT NULL CHECK (name <> ''),
    owner_id uuid,
    active boolean NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX cost_centres_code ON cost_centres (customer_id, lower(code));

CREATE INDEX cost_centres_by_code ON cost_centres (code, id);

ALTER TABLE orders ADD cost_centre text;

ALTER TABLE order_lines ADD cost_centre text;

ALTER TABLE approval_flows ADD cost_centres text[] NOT NULL DEFAULT '{}';

ALTER TABLE purchase_limits
    DROP CONSTRAINT purchase_limits_scope_check,
    ADD CHECK (scope IN ('user', 'role', 'branch', 'cost_centre', 'company')),
    ADD cost_centre text,
    ADD CHECK ((scope = 'cost_centre') = (cost_centre IS NOT NULL)),
    ADD gives_back boolean NOT NULL DEFAULT true,
    ADD near_percent integer DEFAULT 80 CHECK (near_percent BETWEEN 1 AND 100);

ALTER TABLE limit_buckets ADD near_told boolean NOT NULL DEFAULT false;

ALTER TABLE limit_commitments
    ADD cost_centre text,
    ADD gives_back boolean NOT NULL DEFAULT true,
    ADD back_minor bigint NOT NULL DEFAULT 0 CHECK (back_minor >= 0);

ALTER TABLE orders ADD reminded_at timestamptz;

DROP INDEX limit_commitments_of_order;

CREATE INDEX limit_commitments_of_order ON limit_commitments (order_id);

DROP INDEX listings_by_name;

-- What decides who sees a listing stands in the index, so that a page is found without its rows.
CREATE INDEX listings_by_name ON listings (name, id) INCLUDE (status, kind, category, owner_id, audience)
"""
