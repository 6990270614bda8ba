"""What every service's migrations share: the mechanics' tables, the grants of the three roles, row-level security.

Forward only. A later change of the mechanics is a new function here, called by a new migration of each service.
"""

from alembic import op

CUSTOMER_IDS = "nullif(current_setting('app.customer_ids', true), '')::uuid[]"


def create_mechanics(service: str) -> None:
    """Creates outbox, inbox, held, deliveries and idempotency keys, and the grants on them. `service` in snake case."""
    for statement in _MECHANICS.split(";\n\n"):
        op.execute(statement)
    for table in ("outbox", "inbox", "held", "deliveries", "idempotency_keys"):
        allow_staff(service, table)
    op.execute(f"GRANT USAGE ON SEQUENCE outbox_seq, held_position TO {service}_staff")
    # A portal user's change writes events and idempotency keys too, and reads neither the log nor the inbox.
    op.execute(f"GRANT USAGE ON SEQUENCE outbox_seq TO {service}_portal")
    op.execute(f"GRANT INSERT ON outbox TO {service}_portal")
    op.execute(f"CREATE POLICY outbox_portal ON outbox FOR INSERT TO {service}_portal WITH CHECK (true)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO {service}_portal")
    op.execute(f"CREATE POLICY idempotency_keys_portal ON idempotency_keys TO {service}_portal USING (true)")
    op.execute("SELECT ensure_outbox_partitions()")
    op.execute(f"GRANT EXECUTE ON FUNCTION ensure_outbox_partitions() TO {service}_staff")
    op.execute(f"GRANT SELECT ON alembic_version TO {service}_staff")


def allow_staff(service: str, table: str) -> None:
    """Lets staff and workers reach every row of a table; nobody else reaches any."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {service}_staff")
    op.execute(f"CREATE POLICY {table}_staff ON {table} TO {service}_staff USING (true)")


def protect(service: str, table: str, *, customer_column: str = "customer_id", portal: str = "SELECT") -> None:
    """Lets staff reach every row, and a portal user those of its own customers, for the commands in `portal`."""
    allow_staff(service, table)
    op.execute(f"GRANT {portal} ON {table} TO {service}_portal")
    op.execute(
        f"CREATE POLICY {table}_portal ON {table} TO {service}_portal USING ({customer_column} = ANY ({CUSTOMER_IDS}))"
    )


def find_in_log() -> None:
    """Lets the events of one key, and those that one portal account caused, be found in the whole log, by which a
    person is erased from it."""
    for statement in _FIND_IN_LOG.split(";\n\n"):
        op.execute(statement)


_FIND_IN_LOG = """
ALTER TABLE outbox ADD COLUMN portal_actor uuid;

UPDATE outbox SET portal_actor = substring(body FROM '"actor":"portal:([0-9a-f-]{36})"')::uuid
WHERE body LIKE '%"actor":"portal:%';

CREATE INDEX outbox_by_key ON outbox (partition_key);

CREATE INDEX outbox_by_portal_actor ON outbox (portal_actor) WHERE portal_actor IS NOT NULL
"""

_MECHANICS = """
CREATE SEQUENCE outbox_seq;

CREATE TABLE outbox (
    seq bigint NOT NULL DEFAULT nextval('outbox_seq'),
    id uuid NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    version bigint NOT NULL,
    partition_key text NOT NULL,
    customer_id uuid,
    lane smallint NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    last_error text,
    PRIMARY KEY (seq, created_at)
) PARTITION BY RANGE (created_at);

CREATE INDEX outbox_unsent ON outbox (lane, seq) WHERE sent_at IS NULL;

CREATE INDEX outbox_unsent_by_key ON outbox (partition_key, seq) WHERE sent_at IS NULL;

CREATE TABLE outbox_rest PARTITION OF outbox DEFAULT;

CREATE FUNCTION ensure_outbox_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    first_day date;
BEGIN
    FOR ahead IN 0..2 LOOP
        first_day := date_trunc('month', now() AT TIME ZONE 'UTC')::date + make_interval(months => ahead);
        IF to_regclass('outbox_' || to_char(first_day, 'YYYYMM')) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE outbox_%s PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)
                 WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05)',
                to_char(first_day, 'YYYYMM'), first_day::timestamp AT TIME ZONE 'UTC',
                (first_day + interval '1 month') AT TIME ZONE 'UTC');
        END IF;
    END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION ensure_outbox_partitions() FROM PUBLIC;

CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

CREATE INDEX inbox_received ON inbox USING brin (received_at);

CREATE SEQUENCE held_position;

CREATE TABLE held (
    position bigint NOT NULL DEFAULT nextval('held_position') PRIMARY KEY,
    consumer text NOT NULL,
    partition_key text NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    body text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    error text NOT NULL DEFAULT '',
    held_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (consumer, event_id)
);

CREATE INDEX held_by_key ON held (consumer, partition_key, position);

CREATE TABLE deliveries (
    consumer text NOT NULL,
    event_id text NOT NULL,
    times integer NOT NULL DEFAULT 1,
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

CREATE TABLE idempotency_keys (
    key_hash bytea PRIMARY KEY,
    request_hash bytea NOT NULL,
    status integer,
    headers jsonb,
    body text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idempotency_keys_created ON idempotency_keys USING brin (created_at)
"""
