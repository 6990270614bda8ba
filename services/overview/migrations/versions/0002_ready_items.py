"""Rows of the directory hold the JSON that lists show; generations grow by steps, each of them a function.

`create_generation` is the chain of all steps. A later migration adds a step, applies it to the generations that are
there, and states the chain again.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERVICE = "overview"


def upgrade() -> None:
    op.execute("ALTER FUNCTION create_generation(integer) RENAME TO generation_step_1")
    op.execute(_STEP)
    op.execute(_CREATE)
    for function in ("generation_step_2(integer)", "create_generation(integer)"):
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION create_generation(integer) TO {SERVICE}_staff")
    op.execute("SELECT generation_step_2(number) FROM generations")
    op.execute(_SHOW)


_STEP = """
    CREATE FUNCTION generation_step_2(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $function$
    BEGIN
        EXECUTE format($ddl$ALTER TABLE g%s.directory ADD COLUMN body text NOT NULL DEFAULT '{}'$ddl$, wanted);
        EXECUTE format($update$
            UPDATE g%1$s.directory d SET body = json_build_object(
                'id', d.customer_id, 'number', d.number, 'name', d.name, 'dba_name', d.dba_name, 'kind', d.kind,
                'status', d.status, 'city', d.city, 'country', d.country, 'parent_id', d.parent_id, 'login', d.login,
                'primary_contact', d.contact::json,
                'created_at', to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'updated_at', to_char(d.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
        $update$, wanted);
    END $function$
"""

_CREATE = """
    CREATE FUNCTION create_generation(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $function$
    BEGIN
        PERFORM generation_step_1(wanted);
        PERFORM generation_step_2(wanted);
    END $function$
"""

# The views of the generation that serves know only the columns of their day.
_SHOW = """
    DO $block$
    DECLARE
        serving integer;
    BEGIN
        SELECT number INTO serving FROM generations WHERE state = 'serving';
        EXECUTE format('CREATE OR REPLACE VIEW directory WITH (security_invoker = true)
                        AS SELECT * FROM g%s.directory', serving);
    END $block$
"""
