"""What of an order is to be given up, and whether planned shipments are left alone meanwhile."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in _COLUMNS.split(";\n\n"):
        op.execute(statement)


_COLUMNS = """
ALTER TABLE orders ADD COLUMN keep_planned boolean;

ALTER TABLE order_lines ADD COLUMN quantity_cancelling bigint NOT NULL DEFAULT 0
    CHECK (quantity_cancelling BETWEEN 0 AND quantity)
"""
