"""Things, what a consumer knows of them, and every effect that an event had."""

from alembic import op

from common.migrations import allow_staff, create_mechanics, find_in_log

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_mechanics("bus_sample")
    find_in_log()
    op.execute("CREATE TABLE things (id uuid PRIMARY KEY, version bigint NOT NULL, name text NOT NULL)")
    op.execute(
        "CREATE TABLE replica_things (id uuid PRIMARY KEY, version bigint NOT NULL, name text NOT NULL DEFAULT '',"
        " payload jsonb, gone boolean NOT NULL DEFAULT false)"
    )
    # No key on purpose: an event that takes effect twice must show.
    op.execute(
        "CREATE TABLE effects (number bigint GENERATED ALWAYS AS IDENTITY, consumer text NOT NULL,"
        " event_id uuid NOT NULL, key text NOT NULL, version bigint NOT NULL, type text NOT NULL)"
    )
    op.execute("CREATE TABLE switches (name text PRIMARY KEY)")
    for table in ("things", "replica_things", "effects", "switches"):
        allow_staff("bus_sample", table)
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO bus_sample_staff")
