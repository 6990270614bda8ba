"""Finding a person: in the log, and as the one who did something in the timeline."""

from alembic import op

from common.migrations import find_in_log

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    find_in_log()
    op.execute(_STEP)
    op.execute(_CREATE)
    op.execute("REVOKE EXECUTE ON FUNCTION generation_step_4(integer) FROM PUBLIC")
    op.execute("SELECT generation_step_4(number) FROM generations")


_STEP = """
    CREATE FUNCTION generation_step_4(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $function$
    BEGIN
        EXECUTE format($ddl$CREATE INDEX timeline_by_portal_actor ON g%s.timeline (actor)
                       WHERE actor LIKE 'portal:%%'$ddl$, wanted);
        EXECUTE format($ddl$CREATE INDEX timeline_of_accounts ON g%s.timeline (subject)
                       WHERE kind = 'account'$ddl$, wanted);
    END $function$
"""

_CREATE = """
    CREATE OR REPLACE FUNCTION create_generation(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $function$
    BEGIN
        PERFORM generation_step_1(wanted);
        PERFORM generation_step_2(wanted);
        PERFORM generation_step_3(wanted);
        PERFORM generation_step_4(wanted);
    END $function$
"""
