"""Creates the tables of the replica, their protection, and the walks that a portal user may take without reading the
rows of its parents."""

from alembic import op

from common.migrations import CUSTOMER_IDS, allow_staff, protect


def create_customer_replica(service: str) -> None:
    """Creates `replica_customers`, `replica_scopes` and the functions that `switches` reads. `service` in snake
    case."""
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    protect(service, "replica_customers", customer_column="id")
    allow_staff(service, "replica_scopes")
    op.execute(_LINE.replace("{service}", service))
    op.execute(_WALKS)
    for function in ("customer_line(uuid[])", "switch_walks(uuid[])"):
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {service}_staff, {service}_portal")


def create_walks_of_others(service: str, function: str, whose: str) -> None:
    """Creates a function that returns what `switch_walks` does, for the customers that the query `whose` finds: it may
    ask for the function's only argument, `wanted`, a uuid[]. For what decides whether somebody else may do something,
    of whom a portal user sees no row."""
    op.execute(_WALKS_OF_OTHERS.replace("{function}", function).replace("{whose}", whose.strip()))
    op.execute(f"REVOKE EXECUTE ON FUNCTION {function}(uuid[]) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {function}(uuid[]) TO {service}_staff, {service}_portal")


_TABLES = """
CREATE TABLE replica_customers (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    number text,
    name text,
    status text,
    parent_id uuid,
    group_id uuid,
    gone boolean NOT NULL DEFAULT false
);

CREATE INDEX replica_customers_branches ON replica_customers (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX replica_customers_members ON replica_customers (group_id) WHERE group_id IS NOT NULL;

CREATE INDEX replica_customers_number ON replica_customers (number) WHERE NOT gone;

CREATE TABLE replica_scopes (
    subject text PRIMARY KEY,
    version bigint NOT NULL,
    scope text,
    "values" jsonb NOT NULL DEFAULT '{}',
    locks text[] NOT NULL DEFAULT '{}',
    licensed boolean NOT NULL DEFAULT false
)
"""

# The customer and its ancestors, nearest first. The function runs as the owner, because a portal user does not see the
# rows of its parents, and itself refuses to start from a customer outside of the caller's scope.
_LINE = f"""
CREATE FUNCTION customer_line(ids uuid[])
RETURNS TABLE (start_id uuid, height integer, id uuid, number text, name text, status text, parent_id uuid,
               group_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE climb AS (
        SELECT c.id AS start_id, 0 AS height, c.id, c.number, c.name, c.status, c.parent_id, c.group_id
        FROM replica_customers c
        WHERE c.id = ANY (ids) AND NOT c.gone AND c.name IS NOT NULL
          AND (current_setting('role') = '{{service}}_staff' OR c.id = ANY ({CUSTOMER_IDS}))
        UNION ALL
        SELECT climb.start_id, climb.height + 1, p.id, p.number, p.name, p.status, p.parent_id, p.group_id
        FROM climb JOIN replica_customers p ON p.id = climb.parent_id AND NOT p.gone
        WHERE climb.height < 15
    )
    SELECT * FROM climb
$$
"""  # noqa: S608  # our own names

_WALKS = """
CREATE FUNCTION switch_walks(ids uuid[])
RETURNS TABLE (start_id uuid, place integer, scope_id text, "values" jsonb, locks text[], licensed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH line AS MATERIALIZED (SELECT * FROM customer_line(ids))
    SELECT line.start_id, 2 * line.height, s.subject, s.values, s.locks, s.licensed
    FROM line JOIN replica_scopes s ON s.subject = line.id::text
    UNION ALL
    SELECT line.start_id, 2 * line.height + 1, s.subject, s.values, s.locks, s.licensed
    FROM line JOIN replica_scopes s ON s.subject = line.group_id::text
    UNION ALL
    SELECT line.start_id, 100, s.subject, s.values, s.locks, s.licensed
    FROM line JOIN replica_scopes s ON s.subject = 'platform' WHERE line.height = 0
    UNION ALL
    SELECT line.start_id, -1, NULL, NULL, NULL, NULL FROM line WHERE line.height = 0
    ORDER BY 1, 2
$$
"""

_WALKS_OF_OTHERS = """
CREATE FUNCTION {function}(wanted uuid[])
RETURNS TABLE (start_id uuid, place integer, scope_id text, "values" jsonb, locks text[], licensed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE climb AS (
        SELECT c.id AS start_id, 0 AS height, c.id, c.parent_id, c.group_id
        FROM replica_customers c
        WHERE NOT c.gone AND c.name IS NOT NULL AND c.id IN ({whose})
        UNION ALL
        SELECT climb.start_id, climb.height + 1, p.id, p.parent_id, p.group_id
        FROM climb JOIN replica_customers p ON p.id = climb.parent_id AND NOT p.gone
        WHERE climb.height < 15
    )
    SELECT climb.start_id, 2 * climb.height, s.subject, s.values, s.locks, s.licensed
    FROM climb JOIN replica_scopes s ON s.subject = climb.id::text
    UNION ALL
    SELECT climb.start_id, 2 * climb.height + 1, s.subject, s.values, s.locks, s.licensed
    FROM climb JOIN replica_scopes s ON s.subject = climb.group_id::text
    UNION ALL
    SELECT climb.start_id, 100, s.subject, s.values, s.locks, s.licensed
    FROM climb JOIN replica_scopes s ON s.subject = 'platform' WHERE climb.height = 0
    UNION ALL
    SELECT climb.start_id, -1, NULL, NULL, NULL, NULL FROM climb WHERE climb.height = 0
    ORDER BY 1, 2
$$
"""
