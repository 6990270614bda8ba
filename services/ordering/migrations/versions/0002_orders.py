"""Orders with their lines, and what the warehouse has told about them."""

from alembic import op

from common.migrations import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERVICE = "ordering"


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "orders", portal="SELECT, INSERT, UPDATE")
    protect(SERVICE, "order_lines", portal="SELECT, INSERT, UPDATE, DELETE")
    protect(SERVICE, "replica_reservations")
    protect(SERVICE, "replica_shipments")
    op.execute(f"GRANT USAGE ON SEQUENCE order_numbers TO {SERVICE}_staff, {SERVICE}_portal")


_TABLES = """
CREATE SEQUENCE order_numbers;

CREATE TABLE orders (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    customer_id uuid NOT NULL,
    company_path jsonb NOT NULL DEFAULT '[]',
    requester_id uuid,
    requester_label text,
    status text NOT NULL CHECK (status IN ('draft', 'pending_approval', 'pending_confirmation', 'confirmed',
        'cancelling', 'completed', 'rejected', 'cancelled', 'expired')),
    hold_reasons text[] NOT NULL DEFAULT '{}',
    revision integer NOT NULL CHECK (revision > 0),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    source text NOT NULL CHECK (source IN ('portal', 'staff', 'api', 'import', 'system')),
    po_number text,
    external_number text,
    ship_policy text NOT NULL CHECK (ship_policy IN ('ship_partial', 'ship_complete', 'all_or_nothing_per_line')),
    requested_on date,
    ship_to jsonb,
    note text,
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    reason text,
    override_reason text,
    settings_snapshot jsonb,
    asked_version bigint,
    placed_at timestamptz,
    confirmed_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (hold_reasons = '{}' OR status <> 'confirmed'),
    CHECK ((ended_at IS NULL) = (status NOT IN ('completed', 'rejected', 'cancelled', 'expired'))),
    CHECK (status NOT IN ('confirmed', 'cancelling', 'completed') OR confirmed_at IS NOT NULL)
);

CREATE UNIQUE INDEX orders_external_number ON orders (customer_id, external_number);

CREATE INDEX orders_of_customer ON orders (customer_id, id);

CREATE INDEX orders_by_status ON orders (status, id);

CREATE INDEX orders_number_begins ON orders (lower(number) text_pattern_ops);

CREATE INDEX orders_po_number_begins ON orders (lower(po_number) text_pattern_ops) WHERE po_number IS NOT NULL;

CREATE INDEX orders_external_number_begins ON orders (lower(external_number) text_pattern_ops)
WHERE external_number IS NOT NULL;

CREATE INDEX orders_pending ON orders (placed_at) WHERE status IN ('pending_approval', 'pending_confirmation');

CREATE TABLE order_lines (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    customer_id uuid NOT NULL,
    position integer NOT NULL,
    listing_id uuid NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('stock', 'service', 'internal')),
    unit text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_price_minor bigint CHECK (unit_price_minor >= 0),
    discount numeric(5, 4) NOT NULL CHECK (discount BETWEEN 0 AND 1),
    total_minor bigint CHECK (total_minor >= 0),
    price_source jsonb,
    supply_mode text NOT NULL CHECK (supply_mode IN ('in_stock', 'backorder', 'preorder')),
    backorder_allowed boolean NOT NULL,
    backorder_cap integer,
    requested_on date,
    promised_on date,
    quantity_reserved bigint NOT NULL DEFAULT 0 CHECK (quantity_reserved >= 0),
    quantity_allocated bigint NOT NULL DEFAULT 0 CHECK (quantity_allocated >= 0),
    quantity_backordered bigint NOT NULL DEFAULT 0 CHECK (quantity_backordered >= 0),
    quantity_shipped bigint NOT NULL DEFAULT 0 CHECK (quantity_shipped >= 0),
    quantity_cancelled bigint NOT NULL DEFAULT 0 CHECK (quantity_cancelled >= 0),
    UNIQUE (order_id, position),
    CHECK (quantity_allocated + quantity_shipped <= quantity - quantity_cancelled)
);

CREATE INDEX order_lines_that_may_wait ON order_lines (listing_id) WHERE backorder_cap IS NOT NULL;

CREATE TABLE replica_reservations (
    order_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    customer_id uuid NOT NULL,
    order_number text,
    order_version bigint NOT NULL,
    state text NOT NULL,
    expires_at timestamptz,
    lines jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX replica_reservations_held ON replica_reservations (received_at) WHERE state IN ('active', 'allocated');

CREATE TABLE replica_shipments (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    order_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    number text NOT NULL,
    status text NOT NULL,
    tracking jsonb,
    shipped_at timestamptz,
    lines jsonb NOT NULL
);

CREATE INDEX replica_shipments_of_order ON replica_shipments (order_id)
"""
