"""Limits say whether returns give back, and tell when little is left."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)


_TABLES = """
ALTER TABLE purchase_limits
    ADD gives_back boolean NOT NULL DEFAULT true,
    ADD near_percent integer DEFAULT 80 CHECK (near_percent BETWEEN 1 AND 100);

ALTER TABLE limit_buckets ADD near_told boolean NOT NULL DEFAULT false;

ALTER TABLE limit_commitments
    ADD gives_back boolean NOT NULL DEFAULT true,
    ADD back_minor bigint NOT NULL DEFAULT 0 CHECK (back_minor >= 0);

ALTER TABLE orders ADD reminded_at timestamptz;

DROP INDEX limit_commitments_of_order;

CREATE INDEX limit_commitments_of_order ON limit_commitments (order_id);

DROP INDEX listings_by_name;

-- What decides who sees a listing stands in the index, so that a page is found without its rows.
CREATE INDEX listings_by_name ON listings (name, id) INCLUDE (status, kind, category, owner_id, audience)
"""
