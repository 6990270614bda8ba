"""Returns and claims as an order shows them, the orders of what is sent instead, and the day of an order elsewhere."""

from alembic import op

from common.migrations import protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SERVICE = "ordering"


def upgrade() -> None:
    for statement in (_RETURNS + _CLAIMS + _EXCHANGES).split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "replica_claims")
    protect(SERVICE, "exchanges")


# Rows from before are told anew by the next event of their return.
_RETURNS = """
ALTER TABLE replica_returns
    ADD COLUMN dedicated boolean NOT NULL DEFAULT false,
    ADD COLUMN created_at timestamptz,
    ADD COLUMN ended_at timestamptz;

"""

_CLAIMS = """
CREATE TABLE replica_claims (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    customer_id uuid NOT NULL,
    number text NOT NULL,
    status text NOT NULL,
    kind text NOT NULL,
    order_id uuid NOT NULL,
    line_id uuid NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL,
    quantity_accepted bigint NOT NULL,
    quantity_replaced bigint NOT NULL,
    resolution text NOT NULL,
    granted text,
    credit_pending boolean NOT NULL,
    created_at timestamptz NOT NULL,
    decided_at timestamptz
);

CREATE INDEX replica_claims_of_order ON replica_claims (order_id);

"""

# What is sent instead of which line, for which return or claim: it is ordered once, however often that is told.
_EXCHANGES = """
ALTER TABLE orders ADD COLUMN ordered_on date;

ALTER TABLE orders DROP CONSTRAINT orders_source_check;

ALTER TABLE orders ADD CONSTRAINT orders_source_check
CHECK (source IN ('portal', 'staff', 'api', 'import', 'quote', 'standing_order', 'exchange', 'system'));

CREATE TABLE exchanges (
    origin_kind text NOT NULL CHECK (origin_kind IN ('return', 'claim')),
    origin_id uuid NOT NULL,
    origin_number text NOT NULL,
    of_order_id uuid NOT NULL REFERENCES orders,
    of_line_id uuid NOT NULL,
    order_id uuid NOT NULL REFERENCES orders,
    customer_id uuid NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (origin_kind, origin_id, of_line_id, order_id)
);

CREATE INDEX exchanges_of_order ON exchanges (of_order_id);

CREATE INDEX exchanges_order ON exchanges (order_id)
"""
