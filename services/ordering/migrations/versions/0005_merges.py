"""Customers that became one: who they are now, and what moved with them."""

from alembic import op

from customer_replica.merging.migration import create_customer_merges

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERVICE = "ordering"


def upgrade() -> None:
    create_customer_merges(SERVICE)
    for statement in _CHANGES.split(";\n\n"):
        op.execute(statement)
    # What was offered stays as it was, whoever it belongs to.
    op.execute(f"GRANT UPDATE (customer_id) ON quote_revisions TO {SERVICE}_staff")


_CHANGES = """
CREATE INDEX replica_returns_of_customer ON replica_returns (customer_id) WHERE order_ids = '{}';

CREATE INDEX replica_returns_of_first_order ON replica_returns ((order_ids[1]));

CREATE OR REPLACE FUNCTION approval_decisions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := ARRAY['customer_id', 'actor_label', 'on_behalf_of_label', 'comment'];
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - may_change) = (to_jsonb(OLD) - may_change)
       AND coalesce(NEW.actor_label, '') IN ('[erased]', coalesce(OLD.actor_label, ''))
       AND coalesce(NEW.on_behalf_of_label, '') IN ('[erased]', coalesce(OLD.on_behalf_of_label, ''))
       AND coalesce(NEW.comment, '') IN ('[erased]', coalesce(OLD.comment, '')) THEN
        RETURN NEW;  -- an erased person is forgotten, and a merged customer is another one; what was decided stays
    END IF;
    RAISE EXCEPTION 'decisions are only added';
END $$
"""
