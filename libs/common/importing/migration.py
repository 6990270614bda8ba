"""Creates the tables of imports in a service's database."""

from alembic import op

from common.migrations import allow_staff


def create_importing(service: str) -> None:
    """Creates `imports`, `import_parts`, `import_keys` and `rejected_rows`, for staff and workers. `service` in snake
    case. A service that has these tables already keeps its own."""
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("imports", "import_parts", "import_keys", "rejected_rows"):
        allow_staff(service, table)


_TABLES = """
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('create', 'update', 'upsert')),
    match text NOT NULL,
    mapping jsonb NOT NULL,
    dry_run boolean NOT NULL,
    file_name text NOT NULL,
    file_bytes bigint NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'completed', 'failed')),
    columns jsonb,
    done integer NOT NULL DEFAULT 0,
    total integer,
    created integer NOT NULL DEFAULT 0,
    updated integer NOT NULL DEFAULT 0,
    unchanged integer NOT NULL DEFAULT 0,
    duplicate integer NOT NULL DEFAULT 0,
    invalid integer NOT NULL DEFAULT 0,
    error_code text,
    error_detail text,
    last_event_id uuid,
    requested_by text NOT NULL,
    requested_label text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    lease uuid,
    leased_until timestamptz,
    outbox_from bigint,
    outbox_to bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);

CREATE INDEX imports_newest ON imports (created_at DESC, id DESC);

CREATE INDEX imports_open ON imports (created_at) WHERE state IN ('queued', 'running');

CREATE TABLE import_parts (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    part integer NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (import_id, part)
);

ALTER TABLE import_parts ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE import_keys (
    import_id uuid NOT NULL,
    key text NOT NULL,
    line integer NOT NULL,
    PRIMARY KEY (import_id, key)
);

CREATE TABLE rejected_rows (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    row integer NOT NULL,
    line integer NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    cells jsonb NOT NULL,
    PRIMARY KEY (import_id, row)
)
"""
