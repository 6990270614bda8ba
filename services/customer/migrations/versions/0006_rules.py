"""Tags, segments, saved filters, and the settings of groups."""

from alembic import op

from common.migrations import allow_staff
from customer_rules import ACCENT_BLOCKS

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SERVICE = "customer"

# Whose rows say something about customers, and how those are found.
WATCHED = {
    "customers": "SELECT id FROM changed",
    "contacts": "SELECT DISTINCT customer_id FROM changed",
    "addresses": "SELECT DISTINCT customer_id FROM changed",
    "systems": "SELECT DISTINCT customer_id FROM changed",
    "assignments": "SELECT DISTINCT customer_id FROM changed",
    "properties": "SELECT DISTINCT a.customer_id FROM changed JOIN assignments a ON a.property_id = changed.id",
    "location_groups": """
        SELECT DISTINCT a.customer_id FROM location_groups_below(ARRAY(SELECT id FROM changed)) AS below(id)
        JOIN properties p ON p.location_group_id = below.id JOIN assignments a ON a.property_id = p.id""",
}

_ACCENTS = "".join(f"\\u{first:04X}-\\u{last:04X}" for first, last in ACCENT_BLOCKS)


def upgrade() -> None:
    op.execute(_FOLD)
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in (
        *("tags", "segments", "segment_members", "segment_queue", "saved_filters"),
        *("replica_accounts", "setting_definitions", "setting_scopes"),
    ):
        allow_staff(SERVICE, table)
    for table, customers in WATCHED.items():
        watch(table, customers)


def watch(table: str, customers: str) -> None:
    """Puts the customers of whom changed rows of a table say something into the queue of those whose segments are
    looked at again. The function runs as its owner, because a portal user's change counts too."""
    op.execute(
        f"""
        CREATE FUNCTION queue_{table}_for_segments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        BEGIN
            INSERT INTO segment_queue SELECT pg_current_xact_id(), id FROM ({customers}) AS found(id)
            ON CONFLICT DO NOTHING;
            RETURN NULL;
        END $$
        """  # noqa: S608  # our own names
    )
    for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER {table}_segments_{event.lower()} AFTER {event} ON {table}"
            f" REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT"
            f" EXECUTE FUNCTION queue_{table}_for_segments()"
        )


# The same as `customer_rules.fold`: tests hold them together.
_FOLD = f"""
CREATE FUNCTION fold_text(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN octet_length(value) = char_length(value) THEN lower(value COLLATE pg_c_utf8)
    ELSE replace(translate(lower(
        regexp_replace(normalize(value, NFKD), U&'[{_ACCENTS.replace("u", "")}]', '', 'g') COLLATE pg_c_utf8
    ), 'ς', 'σ'), 'ß', 'ss')
END
"""

_TABLES = """
CREATE TABLE tags (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    colour text NOT NULL CHECK (colour ~ '^#[0-9a-f]{6}$'),
    description text,
    archived boolean NOT NULL DEFAULT false,
    merged_into uuid REFERENCES tags (id) ON DELETE CASCADE CHECK (merged_into <> id),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX tags_name ON tags (fold_text(name)) WHERE merged_into IS NULL;

CREATE INDEX tags_by_name ON tags (name, id);

CREATE INDEX tags_merged ON tags (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE segments (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    description text,
    rule jsonb NOT NULL,
    active boolean NOT NULL DEFAULT true,
    rule_version integer NOT NULL DEFAULT 1,
    relative boolean NOT NULL,
    depends_on uuid[] NOT NULL DEFAULT '{}',
    rebuilt_to uuid,
    swept_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN segments.rebuilt_to IS 'while all customers are looked at again: those up to this id are done';

CREATE UNIQUE INDEX segments_name ON segments (fold_text(name)) WHERE deleted_at IS NULL;

CREATE INDEX segments_by_name ON segments (name, id) WHERE deleted_at IS NULL;

CREATE TABLE segment_members (
    segment_id uuid NOT NULL REFERENCES segments (id),
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    entered_at timestamptz NOT NULL,
    rule_version integer NOT NULL,
    source text NOT NULL CHECK (source IN ('rule', 'manual_in', 'manual_out')),
    PRIMARY KEY (segment_id, customer_id)
);

CREATE INDEX segment_members_of ON segment_members (customer_id, segment_id);

CREATE TABLE segment_queue (
    xact xid8 NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (xact, customer_id)
);

COMMENT ON TABLE segment_queue IS 'customers that changed, once per transaction: no writer waits for another one here';

CREATE FUNCTION location_groups_below(ids uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE below (id) AS (
        SELECT unnest(ids)
        UNION
        SELECT g.id FROM below JOIN location_groups g ON g.parent_id = below.id
    ) SELECT id FROM below;
END;

CREATE TABLE saved_filters (
    id uuid PRIMARY KEY,
    owner text NOT NULL,
    owner_label text NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    rule jsonb,
    query text,
    sort text,
    columns text[] NOT NULL DEFAULT '{}',
    audience text NOT NULL CHECK (audience IN ('me', 'role', 'all')),
    role text CHECK ((role IS NOT NULL) = (audience = 'role')),
    pinned boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(rule, query) = 1)
);

CREATE UNIQUE INDEX saved_filters_name ON saved_filters (owner, fold_text(name));

CREATE INDEX saved_filters_shared ON saved_filters (audience, role) WHERE audience <> 'me';

CREATE TABLE replica_accounts (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    roles text[] NOT NULL DEFAULT '{}'
);

CREATE TABLE setting_definitions (
    key text PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    id uuid NOT NULL UNIQUE,
    service text NOT NULL,
    label text NOT NULL,
    type text NOT NULL CHECK (type IN ('boolean', 'integer', 'choice', 'text')),
    choices jsonb NOT NULL DEFAULT '[]',
    minimum integer,
    maximum integer,
    default_value jsonb,
    tree_inheritable boolean NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE setting_scopes (
    id uuid PRIMARY KEY,
    group_id uuid UNIQUE REFERENCES customer_groups (id) ON DELETE CASCADE,
    customer_id uuid UNIQUE REFERENCES customers (id) ON DELETE CASCADE,
    own jsonb NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (num_nonnulls(group_id, customer_id) = 1)
)
"""
