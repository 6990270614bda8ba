"""Custom fields, and installed systems with their secrets."""

from alembic import op

from common.migrations import allow_staff

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERVICE = "customer"


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in (
        "custom_fields",
        "custom_field_counters",
        "custom_field_claims",
        "system_types",
        "systems",
        "customer_keys",
        "system_secrets",
        "secret_reveals",
    ):
        allow_staff(SERVICE, table)
    # A portal user reads the fields that are meant for the portal, and so the values of no others.
    op.execute(f"GRANT SELECT ON custom_fields TO {SERVICE}_portal")
    op.execute(
        f"CREATE POLICY custom_fields_portal ON custom_fields TO {SERVICE}_portal"
        " USING (definition ->> 'portal' <> 'none' AND archived_at IS NULL)"
    )


_TABLES = """
CREATE TABLE custom_fields (
    id uuid PRIMARY KEY,
    applies_to text NOT NULL CHECK (applies_to IN ('customer', 'contact', 'property')),
    key text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]{1,62}$'),
    position integer NOT NULL,
    definition jsonb NOT NULL CHECK (definition ? 'type' AND definition ? 'label' AND definition ? 'portal'),
    archived_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT custom_fields_key UNIQUE (applies_to, key)
);

CREATE INDEX custom_fields_in_order ON custom_fields (applies_to, position, id);

ALTER TABLE properties ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}';

CREATE TABLE custom_field_counters (
    field_id uuid PRIMARY KEY REFERENCES custom_fields (id),
    given bigint NOT NULL
);

CREATE TABLE custom_field_claims (
    field_id uuid NOT NULL REFERENCES custom_fields (id),
    digest text NOT NULL,
    record_id uuid NOT NULL,
    customer_id uuid REFERENCES customers (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (field_id, digest),
    CONSTRAINT custom_field_claims_once UNIQUE (record_id, field_id)
);

CREATE INDEX custom_field_claims_of ON custom_field_claims (customer_id);

CREATE TABLE system_types (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    fields jsonb NOT NULL,
    archived_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX system_types_name ON system_types (lower(name));

CREATE INDEX system_types_by_name ON system_types (name, id);

CREATE TABLE systems (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    type_id uuid NOT NULL REFERENCES system_types (id),
    type_version bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    property_id uuid REFERENCES properties (id),
    status text NOT NULL CHECK (status IN ('active', 'retired')),
    field_values jsonb NOT NULL,
    secrets jsonb NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT systems_of UNIQUE (customer_id, id)
);

CREATE INDEX systems_by_type ON systems (type_id);

CREATE INDEX systems_by_property ON systems (property_id) WHERE property_id IS NOT NULL;

CREATE TABLE customer_keys (
    customer_id uuid PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
    key_id text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX customer_keys_by_key ON customer_keys (key_id, customer_id);

CREATE TABLE system_secrets (
    system_id uuid NOT NULL,
    field text NOT NULL,
    revision integer NOT NULL,
    customer_id uuid NOT NULL REFERENCES customer_keys (customer_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    body bytea NOT NULL,
    PRIMARY KEY (system_id, field, revision),
    CONSTRAINT system_secrets_of FOREIGN KEY (customer_id, system_id) REFERENCES systems (customer_id, id)
        ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX system_secrets_by_customer ON system_secrets (customer_id);

CREATE TABLE secret_reveals (
    id uuid PRIMARY KEY,
    account_id text NOT NULL,
    customer_id uuid NOT NULL,
    system_id uuid NOT NULL,
    field text NOT NULL,
    revealed_at timestamptz NOT NULL
);

CREATE INDEX secret_reveals_lately ON secret_reveals (account_id, revealed_at)
"""
