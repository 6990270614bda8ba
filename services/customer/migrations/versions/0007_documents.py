"""Notes, follow-ups, files and compliance documents."""

from alembic import op

from common.migrations import CUSTOMER_IDS, allow_staff

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STAFF_ONLY = ("note_versions", "blobs", "file_accesses", "document_requirements")


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("notes", "files", "file_contents", "replica_portal_access", *_STAFF_ONLY):
        allow_staff("customer", table)
    # A portal user reads what is meant for the portal, and adds only such.
    _portal("notes", "visibility = 'portal'", added="visibility = 'portal'")
    _portal("files", "audience IN ('portal', 'portal_roles') AND deleted_at IS NULL", added="audience = 'portal'")
    _portal("file_contents", "true", added="revision = 1")
    _portal("replica_portal_access", "true", added=None)
    op.execute("GRANT INSERT ON file_accesses TO customer_portal")
    op.execute(
        "CREATE POLICY file_accesses_portal ON file_accesses FOR INSERT TO customer_portal"
        f" WITH CHECK (customer_id = ANY ({CUSTOMER_IDS}))"
    )


def _portal(table: str, seen: str, *, added: str | None) -> None:
    mine = f"customer_id = ANY ({CUSTOMER_IDS})"
    op.execute(f"GRANT SELECT ON {table} TO customer_portal")
    op.execute(f"CREATE POLICY {table}_portal ON {table} FOR SELECT TO customer_portal USING ({mine} AND {seen})")
    if added:
        op.execute(f"GRANT INSERT ON {table} TO customer_portal")
        op.execute(
            f"CREATE POLICY {table}_portal_adds ON {table} FOR INSERT TO customer_portal"
            f" WITH CHECK ({mine} AND {added})"
        )


_TABLES = """
CREATE TABLE notes (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    scope_type text NOT NULL CHECK (scope_type IN ('customer', 'property', 'contact', 'system')),
    scope_id uuid NOT NULL CHECK (scope_type <> 'customer' OR scope_id = customer_id),
    kind text NOT NULL CHECK (kind IN ('note', 'call', 'email', 'meeting', 'follow_up')),
    body text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 20000),
    visibility text NOT NULL CHECK (visibility IN ('internal', 'portal', 'restricted')),
    urgent boolean NOT NULL,
    urgent_reason text,
    urgent_owner_id uuid,
    urgent_owner_label text,
    urgent_until timestamptz,
    due_on date,
    owner_id uuid,
    owner_label text,
    done_at timestamptz,
    done_by text,
    done_by_label text,
    author text NOT NULL,
    author_label text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (author NOT LIKE 'portal:%' OR visibility = 'portal'),
    CHECK (urgent = (urgent_reason IS NOT NULL)),
    CHECK (urgent OR (urgent_owner_id IS NULL AND urgent_until IS NULL)),
    CHECK ((kind = 'follow_up') = (due_on IS NOT NULL AND owner_id IS NOT NULL)),
    CHECK (kind = 'follow_up' OR done_at IS NULL)
);

CREATE INDEX notes_of_customer ON notes (customer_id, created_at DESC);

CREATE INDEX notes_of_scope ON notes (scope_id) WHERE scope_type <> 'customer';

CREATE INDEX notes_open_follow_ups ON notes (due_on, id) WHERE kind = 'follow_up' AND done_at IS NULL;

CREATE INDEX notes_open_follow_ups_of ON notes (owner_id, due_on, id) WHERE kind = 'follow_up' AND done_at IS NULL;

CREATE TABLE note_versions (
    note_id uuid NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    version bigint NOT NULL,
    customer_id uuid NOT NULL,
    kind text NOT NULL,
    body text NOT NULL,
    written_at timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL,
    replaced_by text NOT NULL,
    replaced_by_label text NOT NULL,
    PRIMARY KEY (note_id, version)
);

CREATE TABLE blobs (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes bigint NOT NULL,
    claimed_until timestamptz NOT NULL,
    removing boolean NOT NULL DEFAULT false
);

CREATE INDEX blobs_claimed ON blobs (claimed_until);

CREATE TABLE files (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    scope_type text NOT NULL CHECK (scope_type IN ('customer', 'property', 'contact', 'system')),
    scope_id uuid NOT NULL CHECK (scope_type <> 'customer' OR scope_id = customer_id),
    category text NOT NULL CHECK (category IN
        ('backup', 'site_map', 'contract', 'nda', 'onboarding', 'certificate', 'photo', 'other')),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200 AND name !~ '[/\\\\]'),
    description text,
    audience text NOT NULL CHECK (audience IN ('internal', 'restricted', 'portal', 'portal_roles')),
    portal_roles text[] NOT NULL CHECK ((audience = 'portal_roles') = (cardinality(portal_roles) > 0)),
    document_type text,
    expires_on date,
    signature text CHECK (signature IN ('not_needed', 'requested', 'signed', 'declined')),
    reminded integer,
    legal_hold boolean NOT NULL,
    hold_reason text CHECK (legal_hold = (hold_reason IS NOT NULL)),
    revision integer NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    uploaded_by text NOT NULL,
    uploaded_label text NOT NULL,
    deleted_at timestamptz CHECK (deleted_at IS NULL OR NOT legal_hold),
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((category IN ('contract', 'nda', 'onboarding', 'certificate')) = (signature IS NOT NULL)),
    CHECK (signature IS NOT NULL OR (document_type IS NULL AND expires_on IS NULL))
);

CREATE UNIQUE INDEX files_name ON files (customer_id, scope_type, scope_id, lower(name)) WHERE deleted_at IS NULL;

CREATE INDEX files_of_customer ON files (customer_id, id);

CREATE INDEX files_of_scope ON files (scope_id) WHERE scope_type <> 'customer';

CREATE INDEX files_expiring ON files (expires_on, id) WHERE expires_on IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX files_in_bin ON files (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE file_contents (
    file_id uuid NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    revision integer NOT NULL,
    customer_id uuid NOT NULL,
    sha256 text NOT NULL REFERENCES blobs (sha256),
    bytes bigint NOT NULL,
    media_type text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    uploaded_by text NOT NULL,
    uploaded_label text NOT NULL,
    PRIMARY KEY (file_id, revision)
);

CREATE INDEX file_contents_blob ON file_contents (sha256);

CREATE TABLE file_accesses (
    id uuid PRIMARY KEY,
    file_id uuid NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    customer_id uuid NOT NULL,
    revision integer NOT NULL,
    audience text NOT NULL,
    actor text NOT NULL,
    actor_label text NOT NULL,
    client text NOT NULL,
    at timestamptz NOT NULL
);

CREATE INDEX file_accesses_of_file ON file_accesses (file_id, id DESC);

CREATE TABLE document_requirements (
    id uuid PRIMARY KEY,
    document_type text NOT NULL,
    label text NOT NULL,
    kind text CHECK (kind IN ('business', 'person')),
    group_id uuid REFERENCES customer_groups (id) ON DELETE CASCADE,
    signed boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (document_type, kind, group_id)
);

ALTER TABLE replica_accounts ADD COLUMN label text NOT NULL DEFAULT '';

CREATE TABLE replica_portal_access (
    customer_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    accounts jsonb NOT NULL
)
"""
