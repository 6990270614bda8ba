"""Returns, transfers between warehouses, what is kept apart, and which serial numbers are with customers."""

from alembic import op

from common.migrations import allow_staff, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERVICE = "warehouse"


def upgrade() -> None:
    for statement in (_STOCK + _RETURNS + _TRANSFERS).split(";\n\n"):
        op.execute(statement)
    # A customer with a warehouse of its own requests and cancels returns itself.
    for table in ("returns", "return_lines", "return_claims"):
        protect(SERVICE, table, portal="SELECT, INSERT, UPDATE")
    protect(SERVICE, "return_serials", portal="SELECT, INSERT, DELETE")
    for table in ("transfers", "transfer_lines"):
        protect(SERVICE, table)
    allow_staff(SERVICE, "serials_out")
    op.execute(f"GRANT USAGE ON SEQUENCE return_numbers TO {SERVICE}_staff, {SERVICE}_portal")
    op.execute(f"GRANT USAGE ON SEQUENCE transfer_numbers TO {SERVICE}_staff")
    # How long an article may be returned concerns who got it.
    op.execute(
        f"CREATE POLICY replica_items_shipped_portal ON replica_items TO {SERVICE}_portal"  # noqa: S608  # our own names
        " USING (EXISTS (SELECT 1 FROM shipment_lines l WHERE l.sku = replica_items.sku))"
    )


# `switched_on` is what was last seen of the customer's switch; a warehouse that drains because it went off opens again
# when it comes on.
_STOCK = """
ALTER TABLE warehouses
    ADD COLUMN switched_on boolean NOT NULL DEFAULT false,
    ADD COLUMN drained_by_switch boolean NOT NULL DEFAULT false;

ALTER TABLE replica_items ADD COLUMN return_days integer;

ALTER TABLE stock_movements
    ADD COLUMN pool text NOT NULL DEFAULT 'on_hand' CHECK (pool IN ('on_hand', 'quarantine'));

CREATE INDEX stock_movements_of_shipment ON stock_movements (shipment_id) WHERE shipment_id IS NOT NULL;

CREATE INDEX shipment_lines_of_customer ON shipment_lines (customer_id, sku);

CREATE TABLE serials_out (
    sku text NOT NULL,
    serial text NOT NULL CHECK (serial <> ''),
    shipment_id uuid NOT NULL REFERENCES shipments,
    line_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (sku, serial)
);

CREATE INDEX serials_out_of_shipment ON serials_out (shipment_id, line_id);

"""

# The row of a shipped line in `return_claims` says how much of it is in returns: it is the lock, and its check is the
# rule that no more comes back than left.
_RETURNS = """
CREATE SEQUENCE return_numbers;

CREATE TABLE returns (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    customer_id uuid NOT NULL,
    warehouse_id uuid NOT NULL REFERENCES warehouses,
    dedicated boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('requested', 'authorized', 'partially_authorized', 'denied', 'in_transit',
        'partially_received', 'received', 'inspected', 'closed', 'cancelled', 'expired')),
    requested_by text NOT NULL,
    note text,
    reason text,
    override_reason text,
    ship_by date,
    carrier text,
    tracking_number text,
    authorized_at timestamptz,
    arrived_at timestamptz,
    received_at timestamptz,
    inspected_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((ended_at IS NULL) = (status NOT IN ('closed', 'denied', 'cancelled', 'expired')))
);

CREATE INDEX returns_of_customer ON returns (customer_id, id);

CREATE INDEX returns_expiring ON returns (ship_by) WHERE status IN ('authorized', 'partially_authorized');

CREATE INDEX returns_open ON returns (warehouse_id) WHERE ended_at IS NULL;

CREATE TABLE return_claims (
    shipment_id uuid NOT NULL REFERENCES shipments,
    line_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    shipped bigint NOT NULL,
    claimed bigint NOT NULL,
    PRIMARY KEY (shipment_id, line_id),
    CONSTRAINT return_claims_shipped CHECK (claimed BETWEEN 0 AND shipped)
);

CREATE TABLE return_lines (
    id uuid PRIMARY KEY,
    return_id uuid NOT NULL REFERENCES returns,
    customer_id uuid NOT NULL,
    position integer NOT NULL,
    shipment_id uuid,
    shipment_number text,
    line_id uuid,
    order_id uuid,
    order_number text,
    sku text NOT NULL,
    name text NOT NULL,
    reason text NOT NULL,
    resolution text NOT NULL,
    quantity_requested bigint NOT NULL CHECK (quantity_requested >= 0),
    quantity_authorized bigint NOT NULL CHECK (quantity_authorized BETWEEN 0 AND quantity_requested),
    quantity_claimed bigint NOT NULL CHECK (quantity_claimed >= 0),
    quantity_received bigint NOT NULL CHECK (quantity_received >= 0),
    quantity_accepted bigint NOT NULL CHECK (quantity_accepted >= 0),
    quantity_rejected bigint NOT NULL CHECK (quantity_rejected >= 0),
    serials text[] NOT NULL DEFAULT '{}',
    serials_received text[] NOT NULL DEFAULT '{}',
    outcomes jsonb NOT NULL DEFAULT '[]',
    UNIQUE (return_id, position),
    FOREIGN KEY (shipment_id, line_id) REFERENCES return_claims,
    CHECK ((shipment_id IS NULL) = (line_id IS NULL)),
    CHECK (quantity_accepted + quantity_rejected <= quantity_received),
    CHECK (line_id IS NULL OR quantity_accepted <= quantity_claimed)
);

CREATE INDEX return_lines_of_order ON return_lines (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE return_serials (
    shipment_id uuid NOT NULL,
    line_id uuid NOT NULL,
    serial text NOT NULL,
    return_line_id uuid NOT NULL REFERENCES return_lines,
    customer_id uuid NOT NULL,
    PRIMARY KEY (shipment_id, line_id, serial)
);

CREATE INDEX return_serials_of_line ON return_serials (return_line_id);

"""

_TRANSFERS = """
CREATE SEQUENCE transfer_numbers;

CREATE TABLE transfers (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    from_id uuid NOT NULL REFERENCES warehouses,
    to_id uuid NOT NULL REFERENCES warehouses CHECK (to_id <> from_id),
    customer_id uuid,
    status text NOT NULL CHECK (status IN ('requested', 'approved', 'in_transit', 'partially_received', 'received',
        'closed', 'cancelled')),
    note text,
    reason text,
    sent_at timestamptz,
    received_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((ended_at IS NULL) = (status NOT IN ('closed', 'cancelled')))
);

CREATE INDEX transfers_of_customer ON transfers (customer_id, id);

CREATE INDEX transfers_open_from ON transfers (from_id) WHERE ended_at IS NULL;

CREATE INDEX transfers_open_to ON transfers (to_id) WHERE ended_at IS NULL;

CREATE TABLE transfer_lines (
    id uuid PRIMARY KEY,
    transfer_id uuid NOT NULL REFERENCES transfers,
    customer_id uuid,
    position integer NOT NULL,
    sku text NOT NULL,
    owner_id uuid,
    quantity bigint NOT NULL CHECK (quantity > 0),
    received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND quantity),
    unit_cost_minor numeric(24, 6),
    currency text,
    UNIQUE (transfer_id, position)
)
"""
