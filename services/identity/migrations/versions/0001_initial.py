"""Accounts, credentials, sessions, roles, API tokens, and what is known of customers.

Revision ID: 0001
"""

from alembic import op

from common.migrations import allow_staff, create_mechanics, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "identity"

# A portal administrator manages the people of their own customer: row by row through the account, and never reading a
# secret, whatever the statement says.
OF_OWN_ACCOUNTS = "EXISTS (SELECT 1 FROM accounts a WHERE a.id = account_id)"
PORTAL = {
    "credentials": "SELECT (account_id), DELETE",
    "second_factors": "SELECT (account_id, confirmed_at), DELETE",
    "sessions": "SELECT (id, account_id, sid), UPDATE (sid), DELETE",
    "links": "SELECT (account_id, purpose, expires_at), INSERT, DELETE",
    "reset_requests": "SELECT (account_id), DELETE",
}


def upgrade() -> None:
    create_mechanics(SERVICE)
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "accounts", portal="SELECT, INSERT, UPDATE")
    protect(SERVICE, "customer_access", portal="SELECT, INSERT, UPDATE")
    protect(SERVICE, "replica_customers", customer_column="id")
    protect(SERVICE, "replica_contacts")
    for table in ("revocations", "attempts", "api_tokens", "roles"):
        allow_staff(SERVICE, table)
    for table, commands in PORTAL.items():
        allow_staff(SERVICE, table)
        op.execute(f"GRANT {commands} ON {table} TO {SERVICE}_portal")
        op.execute(f"CREATE POLICY {table}_portal ON {table} TO {SERVICE}_portal USING ({OF_OWN_ACCOUNTS})")
    op.execute(f"GRANT INSERT ON revocations TO {SERVICE}_portal")
    op.execute(f"CREATE POLICY revocations_portal ON revocations FOR INSERT TO {SERVICE}_portal WITH CHECK (true)")


TABLES = """
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('staff', 'portal')),
    customer_id uuid,
    is_login boolean NOT NULL DEFAULT false,
    contact_id uuid,
    username text UNIQUE,
    display_name text NOT NULL,
    email text,
    status text NOT NULL CHECK (status IN ('invited', 'active', 'disabled')),
    disabled_reason text
        CHECK (disabled_reason IN ('username_cleared', 'manual', 'archived', 'contact_ended', 'locked')),
    archive_id uuid,
    roles text[] NOT NULL DEFAULT '{}',
    subtree boolean NOT NULL DEFAULT false,
    ended boolean NOT NULL DEFAULT false,
    version bigint NOT NULL,
    last_sign_in_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'portal') = (customer_id IS NOT NULL)),
    CHECK (kind = 'portal' OR NOT (is_login OR subtree)),
    CHECK ((status = 'disabled') = (disabled_reason IS NOT NULL)),
    CHECK ((disabled_reason IS NOT DISTINCT FROM 'archived') = (archive_id IS NOT NULL)),
    CHECK (NOT ended OR username IS NULL),
    CHECK (username IS NOT NULL OR disabled_reason = 'username_cleared')
);

CREATE UNIQUE INDEX accounts_one_login ON accounts (customer_id) WHERE is_login AND NOT ended;

CREATE INDEX accounts_by_customer ON accounts (customer_id, id) WHERE NOT ended;

CREATE INDEX accounts_by_contact ON accounts (contact_id) WHERE contact_id IS NOT NULL;

CREATE INDEX accounts_staff ON accounts (display_name, id) WHERE kind = 'staff';

CREATE INDEX accounts_roles ON accounts USING gin (roles) WHERE kind = 'staff';

CREATE TABLE credentials (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    password_hash text NOT NULL
);

CREATE TABLE second_factors (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    key_id text NOT NULL,
    sealed_secret bytea NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    recovery_hashes bytea[] NOT NULL DEFAULT '{}'
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    sid uuid NOT NULL UNIQUE,
    family_hash bytea NOT NULL UNIQUE,
    current_hash bytea NOT NULL,
    user_agent text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL
);

CREATE INDEX sessions_by_account ON sessions (account_id, id);

CREATE INDEX sessions_by_use ON sessions (last_used_at);

CREATE TABLE revocations (
    sid uuid PRIMARY KEY,
    revoked_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX revocations_by_time ON revocations (revoked_at);

CREATE TABLE links (
    hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'password_reset')),
    expires_at timestamptz NOT NULL,
    UNIQUE (account_id, purpose)
);

CREATE TABLE reset_requests (
    username_hash bytea PRIMARY KEY,
    account_id uuid REFERENCES accounts,
    requested_at timestamptz NOT NULL
);

CREATE TABLE attempts (
    key bytea PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);

CREATE INDEX attempts_by_time ON attempts (last_at);

CREATE TABLE api_tokens (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    name text NOT NULL,
    scopes text[] NOT NULL,
    sid uuid NOT NULL UNIQUE,
    secret_hash bytea NOT NULL UNIQUE,
    previous_hash bytea UNIQUE,
    previous_until timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX api_tokens_by_account ON api_tokens (account_id, id);

CREATE TABLE roles (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    permissions text[] NOT NULL,
    version bigint NOT NULL
);

CREATE UNIQUE INDEX roles_by_name ON roles (lower(name));

CREATE TABLE customer_access (
    customer_id uuid PRIMARY KEY,
    version bigint NOT NULL
);

CREATE TABLE replica_customers (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    parent_id uuid,
    status text NOT NULL CHECK (status IN ('active', 'archived', 'deleted')),
    archive_id uuid
);

CREATE INDEX replica_customers_by_parent ON replica_customers (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE replica_contacts (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    customer_id uuid NOT NULL,
    gone boolean NOT NULL DEFAULT false
)
"""
