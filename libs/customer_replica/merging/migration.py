"""Creates the tables of merges: who became whom, and which rows that moved."""

from alembic import op

from common.migrations import allow_staff


def create_customer_merges(service: str) -> None:
    """Creates the tables and the function `customer_now`. `service` in snake case."""
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("replica_merges", "replica_merged_customers", "merge_moves"):
        allow_staff(service, table)
    op.execute(_NOW)
    op.execute("REVOKE EXECUTE ON FUNCTION customer_now(uuid) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION customer_now(uuid) TO {service}_staff")


_TABLES = """
CREATE TABLE replica_merges (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    undone boolean NOT NULL
);

CREATE TABLE replica_merged_customers (
    customer_id uuid PRIMARY KEY,
    survivor_id uuid NOT NULL,
    merge_id uuid NOT NULL
);

CREATE INDEX replica_merged_customers_of_merge ON replica_merged_customers (merge_id);

CREATE TABLE merge_moves (
    merge_id uuid NOT NULL,
    part text NOT NULL,
    record_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    PRIMARY KEY (merge_id, part, record_id)
)
"""

# Who a customer is now: what it was merged into, and that into what, as far as that goes.
_NOW = """
CREATE FUNCTION customer_now(customer uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE way AS (
        SELECT m.survivor_id, 1 AS step FROM replica_merged_customers m WHERE m.customer_id = customer
        UNION ALL
        SELECT m.survivor_id, way.step + 1
        FROM way JOIN replica_merged_customers m ON m.customer_id = way.survivor_id WHERE way.step < 16
    )
    SELECT COALESCE((SELECT survivor_id FROM way ORDER BY step DESC LIMIT 1), customer)
$$
"""
