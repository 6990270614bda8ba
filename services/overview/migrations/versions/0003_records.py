"""Records of any noun, sections per audience, marks of customers, and timeline entries that need a permission."""

from alembic import op

from common.migrations import CUSTOMER_IDS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERVICE = "overview"

VIEWS = (
    *("customers", "contacts", "addresses", "groups", "scopes", "accesses", "records", "sections", "directory"),
    *("terms", "timeline", "facet_counts", "aggregates"),
)


def upgrade() -> None:
    for table in ("arrivals", "arrivals_waiting"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN needs text[] NOT NULL DEFAULT '{{}}'")
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_event_id_key")
        op.execute(f"ALTER TABLE {table} ADD UNIQUE NULLS NOT DISTINCT (event_id, customer_id)")
    op.execute(_step())
    op.execute(_CREATE)
    op.execute(_serve_generation())
    op.execute("REVOKE EXECUTE ON FUNCTION generation_step_3(integer) FROM PUBLIC")
    op.execute("SELECT generation_step_3(number) FROM generations")
    op.execute(f"DO $block$ DECLARE wanted integer; BEGIN {_SERVING}; {_views()}; END $block$")


_SERVING = "SELECT number INTO wanted FROM generations WHERE state = 'serving'"


def _step() -> str:
    return f"""
        CREATE FUNCTION generation_step_3(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $function$
        BEGIN
            EXECUTE format('SET LOCAL search_path TO g%s', wanted);
            {_TABLES};
            ALTER TABLE records ENABLE ROW LEVEL SECURITY;
            GRANT SELECT, INSERT, UPDATE, DELETE ON records TO {SERVICE}_staff;
            CREATE POLICY records_staff ON records TO {SERVICE}_staff USING (true);
            GRANT SELECT ON records TO {SERVICE}_portal;
            CREATE POLICY records_portal ON records TO {SERVICE}_portal
                USING (customer_id = ANY ({CUSTOMER_IDS}) AND portal_body IS NOT NULL);
            DROP POLICY sections_portal ON sections;
            CREATE POLICY sections_portal ON sections TO {SERVICE}_portal
                USING (customer_id = ANY ({CUSTOMER_IDS}) AND audience IN ('everybody', 'portal'));
        END $function$
    """


_TABLES = """
    CREATE TABLE records (
        kind text NOT NULL,
        id uuid NOT NULL,
        customer_id uuid NOT NULL,
        version bigint NOT NULL,
        removed boolean NOT NULL,
        restricted boolean NOT NULL,
        place text COLLATE "C" NOT NULL,
        label text NOT NULL,
        parent_id uuid,
        body text NOT NULL,
        portal_body text,
        as_of timestamptz NOT NULL,
        PRIMARY KEY (kind, id, customer_id)
    );
    CREATE INDEX records_of_customer ON records (customer_id, kind, place, id);
    CREATE INDEX records_parent ON records (kind, parent_id) WHERE parent_id IS NOT NULL;

    ALTER TABLE sections ADD COLUMN audience text NOT NULL DEFAULT 'everybody'
        CHECK (audience IN ('everybody', 'staff', 'restricted', 'portal'));
    ALTER TABLE sections DROP CONSTRAINT sections_pkey;
    ALTER TABLE sections ADD PRIMARY KEY (customer_id, section, audience);

    ALTER TABLE customers
        ADD COLUMN merged_into uuid,
        ADD COLUMN lifecycle text NOT NULL DEFAULT 'customer',
        ADD COLUMN tag_ids uuid[] NOT NULL DEFAULT '{}',
        ADD COLUMN portal_body text NOT NULL DEFAULT '{}';
    CREATE INDEX customers_merged ON customers (merged_into) WHERE merged_into IS NOT NULL;
    UPDATE customers SET portal_body = (
        SELECT json_object_agg(key, value) FROM json_each(body::json)
        WHERE key IN ('id', 'number', 'kind', 'status', 'name', 'dba_name', 'parent_id', 'primary_contact_id',
                      'created_at', 'updated_at'))::text;

    ALTER TABLE directory
        ADD COLUMN lifecycle text NOT NULL DEFAULT 'customer',
        ADD COLUMN supply text NOT NULL DEFAULT 'not_delivered',
        ADD COLUMN marks text[] NOT NULL DEFAULT '{lifecycle\\:customer}',
        ADD COLUMN tag_ids uuid[] NOT NULL DEFAULT '{}';
    INSERT INTO terms (customer_id, term, rank, field, source_id, sort_name)
    SELECT customer_id, '#lifecycle\\:customer', 9, 8, customer_id, left(sort_name, 32) FROM directory;
    INSERT INTO facet_counts (facet, value, status, slot, count)
    SELECT facet, value, status, slot, count(*)
    FROM directory CROSS JOIN (VALUES ('lifecycle', 'customer'), ('supply', 'not_delivered')) AS f (facet, value)
    GROUP BY facet, value, status, slot;
    UPDATE directory SET body = left(body, -1) || ',"supply":"not_delivered"}';
    UPDATE terms SET field = 101 WHERE field = 1;

    ALTER TABLE timeline
        ADD COLUMN needs text[] NOT NULL DEFAULT '{}',
        ADD COLUMN subject text NOT NULL DEFAULT '',
        DROP CONSTRAINT timeline_visibility_check,
        ADD CONSTRAINT timeline_visibility_check CHECK (visibility IN ('internal', 'portal', 'restricted'));
    UPDATE timeline SET subject = body::json -> 'subject' ->> 'id'
"""

_CREATE = """
    CREATE OR REPLACE FUNCTION create_generation(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $function$
    BEGIN
        PERFORM generation_step_1(wanted);
        PERFORM generation_step_2(wanted);
        PERFORM generation_step_3(wanted);
    END $function$
"""


def _views() -> str:
    return "; ".join(
        f"EXECUTE format('CREATE OR REPLACE VIEW {name} WITH (security_invoker = true)"  # noqa: S608  # our own names
        f" AS SELECT * FROM g%s.{name}', wanted); GRANT SELECT ON {name} TO {SERVICE}_staff, {SERVICE}_portal"
        for name in VIEWS
    )


def _serve_generation() -> str:
    return f"""
        CREATE OR REPLACE FUNCTION serve_generation(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $function$
        BEGIN
            PERFORM 1 FROM generations WHERE number = wanted AND state = 'building' FOR UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'generation % is not being built', wanted;
            END IF;
            {_views()};
            UPDATE generations SET state = 'retired', ended_at = now() WHERE state = 'serving';
            UPDATE generations SET state = 'serving', served_at = now() WHERE number = wanted;
        END $function$
    """  # noqa: S608  # our own names
