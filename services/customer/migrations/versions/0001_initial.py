"""Customers with their hierarchy, contacts, addresses and groups, and the imports."""

from alembic import op

from common.migrations import allow_staff, create_mechanics, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "customer"


def upgrade() -> None:
    create_mechanics(SERVICE)
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "customers", customer_column="id")
    for table in ("external_ids", "contacts", "addresses"):
        protect(SERVICE, table)
    for table in ("customer_groups", "retired_numbers", "imports", "import_parts", "import_keys", "rejected_rows"):
        allow_staff(SERVICE, table)
    # A portal user sees the name of a group only through a customer of its own.
    op.execute(f"GRANT SELECT ON customer_groups TO {SERVICE}_portal")
    op.execute(
        "CREATE POLICY customer_groups_portal ON customer_groups TO customer_portal"
        " USING (EXISTS (SELECT 1 FROM customers WHERE customers.group_id = customer_groups.id))"
    )
    op.execute(f"GRANT USAGE, UPDATE ON SEQUENCE customer_numbers TO {SERVICE}_staff")


_TABLES = """
CREATE SEQUENCE customer_numbers START 10001;

CREATE TABLE customer_groups (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX customer_groups_name ON customer_groups (lower(name));

CREATE INDEX customer_groups_by_name ON customer_groups (name, id);

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('business', 'person')),
    number text NOT NULL CHECK (number <> ''),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
    name text NOT NULL CHECK (name <> ''),
    dba_name text,
    parent_id uuid REFERENCES customers (id) CHECK (parent_id <> id),
    group_id uuid REFERENCES customer_groups (id),
    primary_contact_id uuid,
    archive_id uuid,
    archive_reason text,
    archived_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customers_number UNIQUE (number),
    CONSTRAINT person_has_no_primary CHECK (kind = 'business' OR primary_contact_id IS NULL),
    CONSTRAINT archive_is_whole CHECK (
        (status = 'archived') = (archive_id IS NOT NULL AND archive_reason IS NOT NULL AND archived_at IS NOT NULL))
);

CREATE INDEX customers_branches ON customers (parent_id, number, id) WHERE parent_id IS NOT NULL;

CREATE INDEX customers_members ON customers (group_id, number, id) WHERE group_id IS NOT NULL;

CREATE TABLE external_ids (
    system text NOT NULL,
    external_id text NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    PRIMARY KEY (system, external_id)
);

CREATE INDEX external_ids_of ON external_ids (customer_id);

CREATE TABLE retired_numbers (
    number text PRIMARY KEY,
    customer_id uuid NOT NULL,
    retired_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (name <> ''),
    title text,
    department text,
    emails jsonb NOT NULL DEFAULT '[]',
    phones jsonb NOT NULL DEFAULT '[]',
    roles text[] NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contacts_of UNIQUE (customer_id, id)
);

ALTER TABLE customers ADD CONSTRAINT customers_primary_contact
    FOREIGN KEY (id, primary_contact_id) REFERENCES contacts (customer_id, id)
    ON DELETE SET NULL (primary_contact_id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE addresses (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    purposes text[] NOT NULL CHECK (purposes <@ ARRAY['billing', 'ship_to', 'site', 'legal']),
    default_for text[] NOT NULL CHECK (default_for <@ purposes),
    line1 text NOT NULL CHECK (line1 <> ''),
    line2 text,
    city text NOT NULL CHECK (city <> ''),
    region text,
    postal_code text,
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX addresses_of ON addresses (customer_id, id);

CREATE UNIQUE INDEX one_default_billing ON addresses (customer_id) WHERE 'billing' = ANY (default_for);

CREATE UNIQUE INDEX one_default_ship_to ON addresses (customer_id) WHERE 'ship_to' = ANY (default_for);

CREATE UNIQUE INDEX one_default_site ON addresses (customer_id) WHERE 'site' = ANY (default_for);

CREATE UNIQUE INDEX one_default_legal ON addresses (customer_id) WHERE 'legal' = ANY (default_for);

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
