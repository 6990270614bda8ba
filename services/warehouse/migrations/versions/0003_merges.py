"""Customers that became one: who they are now, what moved with them, and their second warehouses."""

from alembic import op

from customer_replica.merging.migration import create_customer_merges

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERVICE = "warehouse"


def upgrade() -> None:
    create_customer_merges(SERVICE)
    for statement in _CHANGES.split(";\n\n"):
        op.execute(statement)


# A surplus warehouse came by a merge to a customer that has its own, and is being emptied.
_CHANGES = """
ALTER TABLE warehouses ADD COLUMN surplus boolean NOT NULL DEFAULT false;

DROP INDEX warehouses_of_customer;

CREATE UNIQUE INDEX warehouses_of_customer ON warehouses (customer_id) WHERE status <> 'closed' AND NOT surplus;

CREATE INDEX surplus_warehouses_of_customer ON warehouses (customer_id) WHERE surplus;

CREATE INDEX stock_balances_of_owner ON stock_balances (owner_id) WHERE owner_id IS NOT NULL;

CREATE INDEX transfer_lines_of_owner ON transfer_lines (owner_id) WHERE owner_id IS NOT NULL
"""
