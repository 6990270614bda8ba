"""Duplicates, merges, deletions with a time of grace, and the reversion of imports."""

from alembic import op

from common.migrations import allow_staff

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SERVICE = "customer"


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("duplicate_keys", "duplicate_checks", "duplicate_pairs", "merges", "merge_moves", "reversion_skips"):
        allow_staff(SERVICE, table)
    # The customers that are there already are looked at by the sweep.
    op.execute("INSERT INTO duplicate_checks (customer_id) SELECT id FROM customers")


# Keys and checks have no foreign key: it would cost an import more than the rows themselves. The sweep removes the keys
# of customers that are gone.
_TABLES = """
CREATE TABLE duplicate_keys (
    customer_id uuid NOT NULL,
    kind smallint NOT NULL,
    key bigint NOT NULL
);

CREATE INDEX duplicate_keys_by_key ON duplicate_keys (key, kind, customer_id);

CREATE INDEX duplicate_keys_of ON duplicate_keys (customer_id);

CREATE TABLE duplicate_checks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id uuid NOT NULL,
    import_id uuid
);

CREATE INDEX duplicate_checks_of_import ON duplicate_checks (import_id) WHERE import_id IS NOT NULL;

CREATE TABLE duplicate_pairs (
    id uuid PRIMARY KEY,
    first_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    second_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    score double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
    reasons text[] NOT NULL,
    keys bigint[] NOT NULL,
    import_id uuid,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dismissed')),
    dismissed_by text,
    dismissed_reason text,
    dismissed_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    found_at timestamptz NOT NULL DEFAULT now(),
    CHECK (first_id < second_id),
    CONSTRAINT duplicate_pairs_once UNIQUE (first_id, second_id)
);

CREATE INDEX duplicate_pairs_of_second ON duplicate_pairs (second_id);

CREATE INDEX duplicate_pairs_of_import ON duplicate_pairs (import_id, score DESC, id) WHERE import_id IS NOT NULL;

CREATE INDEX duplicate_pairs_queue ON duplicate_pairs (state, score DESC, id);

CREATE TABLE merges (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    survivor jsonb NOT NULL,
    losers jsonb NOT NULL,
    alternates jsonb NOT NULL,
    unresolved jsonb NOT NULL,
    counts jsonb NOT NULL,
    state text NOT NULL DEFAULT 'merged' CHECK (state IN ('merged', 'undone')),
    merged_by text NOT NULL,
    merged_label text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    undone_at timestamptz
);

CREATE INDEX merges_of ON merges (customer_id, id);

CREATE TABLE merge_moves (
    merge_id uuid NOT NULL REFERENCES merges (id) ON DELETE CASCADE,
    part text NOT NULL,
    record_id uuid NOT NULL,
    before jsonb NOT NULL,
    after_version bigint NOT NULL,
    PRIMARY KEY (merge_id, part, record_id)
);

ALTER TABLE customers
    ADD COLUMN import_id uuid,
    ADD COLUMN deletion_at timestamptz,
    ADD COLUMN deletion_by text,
    ADD CONSTRAINT only_archived_are_deleted CHECK (deletion_at IS NULL OR status = 'archived'),
    ADD CONSTRAINT merged_are_archived CHECK (merged_into IS NULL OR (status = 'archived' AND merged_into <> id));

CREATE INDEX customers_of_import ON customers (import_id, id) WHERE import_id IS NOT NULL;

CREATE INDEX customers_to_delete ON customers (deletion_at) WHERE deletion_at IS NOT NULL;

ALTER TABLE retired_numbers ADD COLUMN retired_by text;

ALTER TABLE imports
    ADD COLUMN possible_duplicates integer NOT NULL DEFAULT 0,
    ADD COLUMN outbox_from bigint,
    ADD COLUMN outbox_to bigint,
    ADD COLUMN reversion text CHECK (reversion IN ('running', 'completed')),
    ADD COLUMN reversion_dry_run boolean,
    ADD COLUMN reversion_by text,
    ADD COLUMN reversion_label text,
    ADD COLUMN reversion_after uuid,
    ADD COLUMN reversion_before bigint,
    ADD COLUMN reverted integer NOT NULL DEFAULT 0,
    ADD COLUMN reversion_skipped integer NOT NULL DEFAULT 0;

CREATE INDEX imports_reverting ON imports (id) WHERE reversion = 'running';

CREATE TABLE reversion_skips (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    position bigint GENERATED ALWAYS AS IDENTITY,
    customer_id uuid,
    entity text NOT NULL,
    record_id uuid NOT NULL,
    path text,
    reason text NOT NULL,
    PRIMARY KEY (import_id, position)
)
"""
