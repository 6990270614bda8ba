"""The read models, in a schema per generation, behind views that show the generation which serves."""

from alembic import op

from common.migrations import CUSTOMER_IDS, allow_staff, create_mechanics

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "overview"

# Tables of a generation -> which rows a portal user sees; None: none.
TABLES = {
    "customers": f"id = ANY ({CUSTOMER_IDS})",
    "contacts": f"customer_id = ANY ({CUSTOMER_IDS})",
    "addresses": f"customer_id = ANY ({CUSTOMER_IDS})",
    "groups": "EXISTS (SELECT 1 FROM customers WHERE customers.group_id = groups.id)",
    "scopes": None,
    "accesses": f"customer_id = ANY ({CUSTOMER_IDS})",
    "sections": f"customer_id = ANY ({CUSTOMER_IDS})",
    "directory": f"customer_id = ANY ({CUSTOMER_IDS})",
    "terms": f"customer_id = ANY ({CUSTOMER_IDS})",
    "timeline": f"customer_id = ANY ({CUSTOMER_IDS}) AND visibility = 'portal'",
    "facet_counts": None,
    "aggregates": None,
}


def upgrade() -> None:
    create_mechanics(SERVICE)
    for statement in _SHARED.split(";\n\n"):
        op.execute(statement)
    for table in ("generations", "arrivals", "arrivals_waiting", "owners"):
        allow_staff(SERVICE, table)
    # Which sections are behind is told to everybody.
    op.execute(f"GRANT SELECT ON owners TO {SERVICE}_portal")
    op.execute(f"CREATE POLICY owners_portal ON owners TO {SERVICE}_portal USING (true)")
    op.execute(f"GRANT USAGE ON SEQUENCE arrivals_order TO {SERVICE}_staff")
    op.execute(_create_generation())
    op.execute(_serve_generation())
    op.execute(_drop_generation())
    op.execute("SELECT create_generation(1)")
    op.execute("SELECT serve_generation(1)")
    op.execute(_SETTINGS_LINE)
    for function in ("create_generation(integer)", "serve_generation(integer)", "drop_generation(integer)"):
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {SERVICE}_staff")
    op.execute("REVOKE EXECUTE ON FUNCTION settings_line(uuid) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION settings_line(uuid) TO {SERVICE}_staff, {SERVICE}_portal")


def _create_generation() -> str:
    protection = []
    for table, portal in TABLES.items():
        protection += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SERVICE}_staff",
            f"CREATE POLICY {table}_staff ON {table} TO {SERVICE}_staff USING (true)",
        ]
        if portal is not None:
            protection += [
                f"GRANT SELECT ON {table} TO {SERVICE}_portal",
                f"CREATE POLICY {table}_portal ON {table} TO {SERVICE}_portal USING ({portal})",
            ]
    return f"""
        CREATE FUNCTION create_generation(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $function$
        BEGIN
            EXECUTE format('CREATE SCHEMA g%s', wanted);
            EXECUTE format('GRANT USAGE ON SCHEMA g%s TO {SERVICE}_staff, {SERVICE}_portal', wanted);
            EXECUTE format('SET LOCAL search_path TO g%s', wanted);
            {_GENERATION};
            {"; ".join(protection)};
            SET LOCAL search_path TO public, pg_temp;
            INSERT INTO generations (number, state) VALUES (wanted, 'building');
        END $function$
    """  # noqa: S608  # our own names


def _serve_generation() -> str:
    views = "; ".join(
        f"EXECUTE format('CREATE OR REPLACE VIEW {table} WITH (security_invoker = true)"  # noqa: S608  # our own names
        f" AS SELECT * FROM g%s.{table}', wanted); GRANT SELECT ON {table} TO {SERVICE}_staff, {SERVICE}_portal"
        for table in TABLES
    )
    return f"""
        CREATE FUNCTION serve_generation(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $function$
        BEGIN
            PERFORM 1 FROM generations WHERE number = wanted AND state = 'building' FOR UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'generation % is not being built', wanted;
            END IF;
            {views};
            UPDATE generations SET state = 'retired', ended_at = now() WHERE state = 'serving';
            UPDATE generations SET state = 'serving', served_at = now() WHERE number = wanted;
        END $function$
    """  # noqa: S608  # our own names


def _drop_generation() -> str:
    return """
        CREATE FUNCTION drop_generation(wanted integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $function$
        BEGIN
            DELETE FROM generations WHERE number = wanted AND state <> 'serving';
            IF NOT FOUND THEN
                RAISE EXCEPTION 'generation % serves, or is not there', wanted;
            END IF;
            EXECUTE format('DROP SCHEMA g%s CASCADE', wanted);
        END $function$
    """


# The settings that may decide for a customer: its own, its group's, its ancestors' and their groups', the platform's.
# A definer's function, because a portal user inherits from customers whose rows it does not see.
_SETTINGS_LINE = f"""
    CREATE FUNCTION settings_line(customer uuid) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $function$
    DECLARE
        answer text;
    BEGIN
        WITH RECURSIVE line AS (
            SELECT c.id, c.parent_id, c.group_id, 0 AS depth FROM customers c
            WHERE c.id = customer AND (({CUSTOMER_IDS}) IS NULL OR c.id = ANY ({CUSTOMER_IDS}))
            UNION ALL
            SELECT p.id, p.parent_id, p.group_id, line.depth + 1
            FROM customers p JOIN line ON p.id = line.parent_id WHERE line.depth < 16
        )
        SELECT '{{"line":[' || string_agg(
                   '{{"own":' || coalesce(own.body, 'null') || ',"group":' || coalesce(grouped.body, 'null') || '}}',
                   ',' ORDER BY line.depth)
               || '],"platform":' || coalesce((SELECT body FROM scopes WHERE key = 'platform'), 'null') || '}}'
        INTO answer
        FROM line
        LEFT JOIN scopes own ON own.key = line.id::text
        LEFT JOIN scopes grouped ON grouped.key = line.group_id::text;
        RETURN answer;
    END $function$
"""  # noqa: S608  # our own names

_SHARED = """
CREATE TABLE generations (
    number integer PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('building', 'serving', 'retired')),
    created_at timestamptz NOT NULL DEFAULT now(),
    served_at timestamptz,
    ended_at timestamptz
);

CREATE UNIQUE INDEX generations_one_serves ON generations (state) WHERE state = 'serving';

CREATE UNIQUE INDEX generations_one_is_built ON generations (state) WHERE state = 'building';

CREATE SEQUENCE arrivals_order;

CREATE TABLE arrivals_waiting (
    position bigint NOT NULL DEFAULT nextval('arrivals_order') PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    customer_id uuid,
    type text NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    verb text NOT NULL,
    occurred_at timestamptz NOT NULL,
    visibility text NOT NULL
);

CREATE TABLE arrivals (
    number bigint PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    customer_id uuid,
    type text NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    verb text NOT NULL,
    occurred_at timestamptz NOT NULL,
    visibility text NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX arrivals_by_age ON arrivals (arrived_at);

CREATE TABLE owners (
    service text PRIMARY KEY,
    beat_at timestamptz NOT NULL,
    oldest_unsent_seconds double precision NOT NULL,
    unsent bigint NOT NULL
)
"""

_GENERATION = """
CREATE TABLE customers (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    removed boolean NOT NULL,
    slot smallint NOT NULL,
    number text,
    number_key text COLLATE "C",
    name text NOT NULL,
    sort_name text COLLATE "C" NOT NULL,
    dba_name text,
    kind text NOT NULL,
    status text NOT NULL,
    parent_id uuid,
    group_id uuid,
    primary_contact_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    body text NOT NULL,
    as_of timestamptz NOT NULL
);

CREATE INDEX customers_parent ON customers (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX customers_group ON customers (group_id) WHERE group_id IS NOT NULL;

CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    version bigint NOT NULL,
    removed boolean NOT NULL,
    sort_name text COLLATE "C" NOT NULL,
    has_email boolean NOT NULL,
    has_phone boolean NOT NULL,
    body text NOT NULL,
    card text NOT NULL,
    as_of timestamptz NOT NULL
);

CREATE INDEX contacts_customer ON contacts (customer_id);

CREATE TABLE addresses (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    version bigint NOT NULL,
    removed boolean NOT NULL,
    rank smallint NOT NULL,
    city text NOT NULL,
    city_key text COLLATE "C" NOT NULL,
    country text NOT NULL,
    body text NOT NULL,
    as_of timestamptz NOT NULL
);

CREATE INDEX addresses_customer ON addresses (customer_id);

CREATE TABLE groups (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    removed boolean NOT NULL,
    name text NOT NULL
);

CREATE TABLE scopes (
    key text PRIMARY KEY,
    version bigint NOT NULL,
    body text NOT NULL,
    as_of timestamptz NOT NULL
);

CREATE TABLE accesses (
    customer_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    login text NOT NULL,
    body text NOT NULL,
    as_of timestamptz NOT NULL
);

CREATE TABLE sections (
    customer_id uuid NOT NULL,
    section text NOT NULL,
    body text NOT NULL,
    count bigint NOT NULL,
    as_of timestamptz NOT NULL,
    PRIMARY KEY (customer_id, section)
);

CREATE TABLE directory (
    customer_id uuid PRIMARY KEY,
    slot smallint NOT NULL,
    number text,
    number_key text COLLATE "C",
    name text NOT NULL,
    sort_name text COLLATE "C" NOT NULL,
    dba_name text,
    kind text NOT NULL,
    status text NOT NULL,
    parent_id uuid,
    group_id uuid,
    city text,
    city_key text COLLATE "C",
    country text,
    login text NOT NULL,
    has text[] NOT NULL,
    contact text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX directory_name ON directory (sort_name, customer_id);

CREATE INDEX directory_number ON directory (number_key, customer_id);

CREATE INDEX directory_number_down ON directory (number_key DESC NULLS LAST, customer_id DESC);

CREATE INDEX directory_created ON directory (created_at, customer_id);

CREATE INDEX directory_updated ON directory (updated_at, customer_id);

CREATE INDEX directory_city ON directory (city_key, sort_name, customer_id);

CREATE INDEX directory_country ON directory (country, sort_name, customer_id);

CREATE INDEX directory_group ON directory (group_id, sort_name, customer_id);

CREATE INDEX directory_parent ON directory (parent_id, sort_name, customer_id);

CREATE INDEX directory_archived ON directory (sort_name, customer_id) WHERE status = 'archived';

CREATE TABLE terms (
    customer_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    rank smallint NOT NULL,
    field smallint NOT NULL,
    source_id uuid NOT NULL,
    sort_name text COLLATE "C" NOT NULL,
    PRIMARY KEY (customer_id, term, rank, field, source_id)
);

CREATE INDEX terms_search ON terms (rank, term, sort_name, customer_id);

CREATE TABLE timeline (
    event_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    kind text NOT NULL,
    verb text NOT NULL,
    actor text NOT NULL,
    paths text[] NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('internal', 'portal')),
    body text NOT NULL,
    portal_body text,
    PRIMARY KEY (event_id, customer_id)
);

CREATE INDEX timeline_newest ON timeline (customer_id, occurred_at DESC, event_id DESC);

CREATE TABLE facet_counts (
    facet text NOT NULL,
    value text NOT NULL,
    status text NOT NULL,
    slot smallint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (facet, value, status, slot)
);

CREATE TABLE aggregates (
    entity text NOT NULL,
    subject text NOT NULL,
    seen bigint NOT NULL,
    newest bigint NOT NULL,
    PRIMARY KEY (entity, subject)
);

CREATE INDEX aggregates_with_gaps ON aggregates (entity, subject) WHERE newest <> seen
"""
