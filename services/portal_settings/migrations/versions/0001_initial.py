"""The settings of each scope, the customers and groups they belong to, and the walk of scopes that decides."""

from alembic import op

from common.migrations import CUSTOMER_IDS, allow_staff, create_mechanics, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "portal_settings"

_KEYS = (
    "'order_authorization', 'auto_confirm_orders', 'inherit_global_marketplace', 'allow_preorders',"
    " 'warehouse_enabled', 'hr_sync_enabled', 'automation_enabled', 'internal_inventory_enabled', 'billing_enabled'"
)


def upgrade() -> None:
    create_mechanics(SERVICE)
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "scope_settings")
    protect(SERVICE, "replica_customers", customer_column="id")
    allow_staff(SERVICE, "replica_groups")
    op.execute(_WALKS)
    op.execute("REVOKE EXECUTE ON FUNCTION walks(uuid[]) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION walks(uuid[]) TO {SERVICE}_staff, {SERVICE}_portal")


_TABLES = f"""
CREATE TABLE scope_settings (
    subject text PRIMARY KEY,
    scope text NOT NULL CHECK (scope IN ('platform', 'group', 'customer')),
    group_id uuid UNIQUE,
    customer_id uuid UNIQUE,
    switches jsonb NOT NULL,
    locks text[] NOT NULL,
    licence_by text,
    licence_at timestamptz,
    licence_note text,
    version bigint NOT NULL CHECK (version > 0),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT subject_is_the_scope CHECK (subject = coalesce(group_id::text, customer_id::text, 'platform')),
    CONSTRAINT scope_has_its_id CHECK (
        (scope = 'group') = (group_id IS NOT NULL) AND (scope = 'customer') = (customer_id IS NOT NULL)),
    CONSTRAINT switches_are_known CHECK (
        jsonb_typeof(switches) = 'object' AND switches - ARRAY[{_KEYS}] = '{{}}'::jsonb
        AND NOT jsonb_path_exists(switches, '$.* ? (@ != "on" && @ != "off")')),
    CONSTRAINT locks_are_known CHECK (locks <@ ARRAY[{_KEYS}]),
    CONSTRAINT licence_is_whole CHECK (num_nulls(licence_by, licence_at, licence_note) IN (0, 3))
);

CREATE TABLE replica_customers (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    name text,
    status text,
    parent_id uuid,
    group_id uuid,
    gone boolean NOT NULL DEFAULT false
);

CREATE INDEX replica_customers_branches ON replica_customers (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX replica_customers_members ON replica_customers (group_id) WHERE group_id IS NOT NULL;

CREATE TABLE replica_groups (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    name text,
    gone boolean NOT NULL DEFAULT false
)
"""

# A portal user may know what counts for its own customers, which parents and groups decide whose rows it may not read.
# Therefore the function runs as the owner, and itself refuses to start from a customer outside of the caller's scope.
_WALKS = f"""
CREATE FUNCTION walks(ids uuid[])
RETURNS TABLE (start_id uuid, place integer, scope_id uuid, switches jsonb, locks text[],
               licence_by text, licence_at timestamptz, licence_note text, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE climb AS (
        SELECT c.id AS start_id, c.id AS node, c.parent_id, c.group_id, 0 AS height
        FROM replica_customers c
        WHERE c.id = ANY (ids) AND NOT c.gone
          AND (current_setting('role') = '{SERVICE}_staff' OR c.id = ANY ({CUSTOMER_IDS}))
        UNION ALL
        SELECT climb.start_id, parent.id, parent.parent_id, parent.group_id, climb.height + 1
        FROM climb JOIN replica_customers parent ON parent.id = climb.parent_id AND NOT parent.gone
        WHERE climb.height < 8
    ), found AS (
        SELECT climb.start_id, 2 * climb.height AS place, s.*
        FROM climb JOIN scope_settings s ON s.customer_id = climb.node
        UNION ALL
        SELECT climb.start_id, 2 * climb.height + 1, s.*
        FROM climb JOIN scope_settings s ON s.group_id = climb.group_id
        UNION ALL
        SELECT climb.start_id, 100, s.*
        FROM climb JOIN scope_settings s ON s.subject = 'platform'
        WHERE climb.height = 0
    )
    SELECT start_id, place, coalesce(customer_id, group_id), switches, locks, licence_by, licence_at, licence_note,
           version
    FROM found ORDER BY start_id, place
$$
"""  # noqa: S608  # our own names
