"""Shipments that are picked, packed or go wrong, claims, replacements, and transfers that customers ask for."""

from alembic import op

from common.migrations import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERVICE = "warehouse"


def upgrade() -> None:
    for statement in (_SHIPMENTS + _CLAIMS + _EXCHANGES + _TRANSFERS).split(";\n\n"):
        op.execute(statement)
    # A customer claims, and takes back what nobody has decided about.
    protect(SERVICE, "claims", portal="SELECT, INSERT, UPDATE")
    op.execute(f"GRANT USAGE ON SEQUENCE claim_numbers TO {SERVICE}_staff, {SERVICE}_portal")
    # A customer asks for transfers of its own warehouse, and takes back what nobody has decided about.
    op.execute(f"GRANT INSERT, UPDATE ON transfers, transfer_lines TO {SERVICE}_portal")
    op.execute(f"GRANT USAGE ON SEQUENCE transfer_numbers TO {SERVICE}_portal")
    op.execute("REVOKE EXECUTE ON FUNCTION provider_s_warehouse() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION provider_s_warehouse() TO {SERVICE}_staff, {SERVICE}_portal")


_SHIPMENTS = """
ALTER TABLE shipments
    DROP CONSTRAINT shipments_status_check,
    DROP CONSTRAINT shipments_check1,
    ADD COLUMN exception text CHECK (exception IN ('lost', 'refused', 'damaged')),
    ADD COLUMN exception_note text,
    ADD CONSTRAINT shipments_status_check CHECK (
        status IN ('planned', 'picking', 'packed', 'shipped', 'delivered', 'cancelled', 'exception')),
    ADD CONSTRAINT shipments_left CHECK ((status IN ('shipped', 'delivered', 'exception')) = (shipped_at IS NOT NULL)),
    ADD CONSTRAINT shipments_exception CHECK (status <> 'exception' OR exception IS NOT NULL);

"""

# What a claim takes up of a shipped line is counted in `return_claims`, with what its returns take up.
_CLAIMS = """
CREATE SEQUENCE claim_numbers;

CREATE TABLE claims (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    customer_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('requested', 'accepted', 'denied', 'cancelled')),
    shipment_id uuid NOT NULL,
    shipment_number text NOT NULL,
    line_id uuid NOT NULL,
    order_id uuid NOT NULL,
    order_number text,
    sku text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('damaged', 'missing', 'never_arrived', 'wrong_item')),
    quantity bigint NOT NULL CHECK (quantity > 0),
    quantity_claimed bigint NOT NULL CHECK (quantity_claimed BETWEEN 0 AND quantity),
    quantity_accepted bigint NOT NULL CHECK (quantity_accepted BETWEEN 0 AND quantity_claimed),
    resolution text NOT NULL CHECK (resolution IN ('replace', 'credit', 'none')),
    granted text CHECK (granted IN ('replace', 'credit', 'none')),
    replacement_sku text,
    files uuid[] NOT NULL DEFAULT '{}',
    requested_by text NOT NULL,
    note text,
    reason text,
    override_reason text,
    decided_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    FOREIGN KEY (shipment_id, line_id) REFERENCES return_claims,
    CHECK ((decided_at IS NULL) = (status = 'requested')),
    CHECK ((granted IS NOT NULL) = (status = 'accepted')),
    CHECK (status IN ('requested', 'accepted') OR quantity_claimed = 0)
);

CREATE INDEX claims_of_customer ON claims (customer_id, id);

CREATE INDEX claims_of_order ON claims (order_id);

CREATE INDEX claims_undecided ON claims (id) WHERE status = 'requested';

"""

_EXCHANGES = """
ALTER TABLE return_lines
    ADD COLUMN quantity_replaced bigint NOT NULL DEFAULT 0 CHECK (quantity_replaced >= 0),
    ADD COLUMN replacement_sku text;

"""

# The other end of what a customer asks for. A portal user does not see the provider's warehouses, so the function runs
# as the owner.
_TRANSFERS = """
ALTER TABLE transfers ADD COLUMN requested_by text;

CREATE FUNCTION provider_s_warehouse() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM warehouses WHERE kind = 'provider' AND status = 'active' ORDER BY priority, code LIMIT 1
$$
"""
