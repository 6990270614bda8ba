"""Customers by the combination of what facets count: a filter's rows are counted from indexes alone."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERVICE = "overview"

VIEWS = (
    *("customers", "contacts", "addresses", "groups", "scopes", "accesses", "records", "sections", "directory"),
    *("combinations", "terms", "timeline", "facet_counts", "aggregates"),
)


def upgrade() -> None:
    op.execute(_step())
    op.execute(_CREATE)
    op.execute(_serve_generation())
    op.execute("REVOKE EXECUTE ON FUNCTION generation_step_5(integer) FROM PUBLIC")
    op.execute("SELECT generation_step_5(number) FROM generations")
    op.execute(f"DO $block$ DECLARE wanted integer; BEGIN {_SERVING}; {_views()}; END $block$")


_SERVING = "SELECT number INTO wanted FROM generations WHERE state = 'serving'"


def _step() -> str:
    return f"""
        CREATE FUNCTION generation_step_5(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $function$
        BEGIN
            EXECUTE format('SET LOCAL search_path TO g%s', wanted);
            {_TABLES};
            ALTER TABLE combinations ENABLE ROW LEVEL SECURITY;
            GRANT SELECT, INSERT, UPDATE, DELETE ON combinations TO {SERVICE}_staff;
            CREATE POLICY combinations_staff ON combinations TO {SERVICE}_staff USING (true);
            GRANT SELECT ON combinations TO {SERVICE}_portal;
            CREATE POLICY combinations_portal ON combinations TO {SERVICE}_portal
                USING (EXISTS (SELECT 1 FROM directory WHERE directory.combination = combinations.id));
        END $function$
    """  # noqa: S608  # our own names


# The foreign key keeps a combination from being forgotten while a customer that has it is written. Under one city,
# group or combination the indexes keep the order of the table, in which what is visible is looked up fastest.
_TABLES = """
    CREATE TABLE combinations (
        id bigint PRIMARY KEY,
        status text NOT NULL,
        kind text NOT NULL,
        country text,
        login text NOT NULL,
        supply text NOT NULL,
        has text[] NOT NULL,
        marks text[] NOT NULL
    );
    ALTER TABLE directory ADD COLUMN combination bigint;
    UPDATE directory
        SET combination = hashtextextended(ROW(status, kind, country, login, supply, has, marks)::text, 0);
    INSERT INTO combinations
        SELECT DISTINCT combination, status, kind, country, login, supply, has, marks FROM directory;
    ALTER TABLE directory
        ALTER COLUMN combination SET NOT NULL,
        ADD CONSTRAINT directory_combination_fkey FOREIGN KEY (combination) REFERENCES combinations,
        DROP CONSTRAINT directory_pkey,
        ADD CONSTRAINT directory_pkey PRIMARY KEY (customer_id) INCLUDE (status, combination, city_key, group_id);
    CREATE INDEX directory_counted_by_city ON directory (city_key) INCLUDE (status, combination, group_id);
    CREATE INDEX directory_counted_by_group ON directory (group_id) INCLUDE (status, combination, city_key);
    CREATE INDEX directory_counted ON directory (combination) INCLUDE (status, city_key, group_id)
"""

_CREATE = """
    CREATE OR REPLACE FUNCTION create_generation(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $function$
    BEGIN
        PERFORM generation_step_1(wanted);
        PERFORM generation_step_2(wanted);
        PERFORM generation_step_3(wanted);
        PERFORM generation_step_4(wanted);
        PERFORM generation_step_5(wanted);
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
