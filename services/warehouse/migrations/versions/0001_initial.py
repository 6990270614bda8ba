"""Warehouses, stock as a ledger, what is promised of it to orders, and shipments."""

from alembic import op

from common.importing.migration import create_importing
from common.migrations import CUSTOMER_IDS, allow_staff, create_mechanics, find_in_log, protect
from customer_replica import create_customer_replica

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "warehouse"

OF_CUSTOMERS = (
    *("warehouses", "stock_balances", "stock_movements", "order_reservations", "reservation_lines"),
    *("reservation_sources", "shipments", "shipment_lines"),
)


def upgrade() -> None:
    create_mechanics(SERVICE)
    find_in_log()
    create_customer_replica(SERVICE)
    create_importing(SERVICE)
    for statement in (_STOCK + _RESERVATIONS + _SHIPMENTS).split(";\n\n"):
        op.execute(statement)
    for table in OF_CUSTOMERS:
        protect(SERVICE, table)
    for table in ("skus", "replica_items"):
        allow_staff(SERVICE, table)
    # The names of articles that lie in a customer's own warehouse.
    op.execute(f"GRANT SELECT ON replica_items TO {SERVICE}_portal")
    op.execute(_NAMES_OF_OWN)
    op.execute(f"GRANT USAGE ON SEQUENCE queue_positions, shipment_numbers TO {SERVICE}_staff")
    op.execute(_AVAILABILITY)
    op.execute("REVOKE EXECUTE ON FUNCTION available_to(uuid, text[], boolean) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION available_to(uuid, text[], boolean) TO {SERVICE}_staff, {SERVICE}_portal")


# The row of an article in `skus` is the lock of all that is promised of it: whoever changes stock or promises of some
# articles first locks their rows, in order.
_STOCK = """
CREATE TABLE warehouses (
    id uuid PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('provider', 'dedicated')),
    customer_id uuid,
    status text NOT NULL CHECK (status IN ('active', 'draining', 'closed')),
    address jsonb,
    priority integer NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((kind = 'dedicated') = (customer_id IS NOT NULL))
);

CREATE UNIQUE INDEX warehouses_code ON warehouses (lower(code));

CREATE UNIQUE INDEX warehouses_of_customer ON warehouses (customer_id) WHERE status <> 'closed';

CREATE TABLE skus (
    sku text PRIMARY KEY CHECK (sku <> '')
);

CREATE TABLE replica_items (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    sku text,
    name text,
    unit text,
    kind text,
    backorder_policy text,
    status text,
    gone boolean NOT NULL DEFAULT false
);

CREATE INDEX replica_items_sku ON replica_items (sku) WHERE NOT gone;

CREATE TABLE stock_balances (
    id uuid PRIMARY KEY,
    warehouse_id uuid NOT NULL REFERENCES warehouses,
    customer_id uuid,
    sku text NOT NULL REFERENCES skus,
    owner_id uuid,
    on_hand bigint NOT NULL CHECK (on_hand >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    allocated bigint NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    quarantine bigint NOT NULL DEFAULT 0 CHECK (quarantine >= 0),
    safety_stock bigint NOT NULL DEFAULT 0 CHECK (safety_stock >= 0),
    average_cost_minor numeric(24, 6) CHECK (average_cost_minor >= 0),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((average_cost_minor IS NULL) = (currency IS NULL)),
    UNIQUE NULLS NOT DISTINCT (warehouse_id, sku, owner_id)
);

CREATE INDEX stock_balances_sku ON stock_balances (sku, id);

CREATE FUNCTION promise_what_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reserved + NEW.allocated > OLD.reserved + OLD.allocated
       AND NEW.reserved + NEW.allocated + NEW.safety_stock > NEW.on_hand THEN
        RAISE check_violation USING MESSAGE = 'more is promised than is available',
                                    CONSTRAINT = 'stock_balances_available';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER promise_what_is_there BEFORE UPDATE ON stock_balances
FOR EACH ROW EXECUTE FUNCTION promise_what_is_there();

CREATE TABLE stock_movements (
    id uuid PRIMARY KEY,
    balance_id uuid NOT NULL REFERENCES stock_balances,
    warehouse_id uuid NOT NULL,
    customer_id uuid,
    sku text NOT NULL,
    owner_id uuid,
    kind text NOT NULL CHECK (
        kind IN ('receipt', 'shipment', 'adjustment', 'count', 'transfer_in', 'transfer_out', 'return')),
    quantity bigint NOT NULL CHECK (quantity <> 0 OR kind = 'count'),
    unit_cost_minor numeric(24, 6),
    currency text,
    reference text,
    shipment_id uuid,
    actor text NOT NULL,
    actor_label text NOT NULL,
    note text,
    created_at timestamptz NOT NULL
);

CREATE INDEX stock_movements_of_balance ON stock_movements (balance_id, id);

CREATE INDEX stock_movements_sku ON stock_movements (sku, id);

CREATE FUNCTION refuse_to_rewrite_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movements of stock are only ever added' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER movements_are_only_added BEFORE UPDATE OR DELETE ON stock_movements
FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_movements();

CREATE TRIGGER movements_are_never_emptied BEFORE TRUNCATE ON stock_movements
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_movements();

"""

_RESERVATIONS = """
CREATE SEQUENCE queue_positions;

CREATE TABLE order_reservations (
    order_id uuid PRIMARY KEY,
    order_number text,
    customer_id uuid NOT NULL,
    order_version bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'allocated', 'released', 'expired', 'consumed')),
    ended boolean NOT NULL DEFAULT false,
    held boolean NOT NULL DEFAULT false,
    ship_policy text NOT NULL DEFAULT 'ship_partial',
    ship_to jsonb,
    expires_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX order_reservations_of_customer ON order_reservations (customer_id, order_id);

CREATE INDEX order_reservations_expiring ON order_reservations (expires_at) WHERE state = 'active';

CREATE TABLE reservation_lines (
    line_id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES order_reservations,
    customer_id uuid NOT NULL,
    position integer NOT NULL,
    sku text NOT NULL REFERENCES skus,
    name text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    backorder_allowed boolean NOT NULL,
    backordered bigint NOT NULL CHECK (backordered >= 0),
    queue_position bigint,
    shipped bigint NOT NULL CHECK (shipped >= 0),
    promised_on date,
    CHECK ((backordered > 0) = (queue_position IS NOT NULL))
);

CREATE INDEX reservation_lines_of_order ON reservation_lines (order_id);

CREATE INDEX reservation_lines_waiting ON reservation_lines (sku, queue_position) WHERE backordered > 0;

CREATE TABLE reservation_sources (
    line_id uuid NOT NULL REFERENCES reservation_lines,
    balance_id uuid NOT NULL REFERENCES stock_balances,
    order_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    reserved bigint NOT NULL CHECK (reserved >= 0),
    allocated bigint NOT NULL CHECK (allocated >= 0),
    shipped bigint NOT NULL CHECK (shipped >= 0),
    at_risk bigint NOT NULL DEFAULT 0 CHECK (at_risk BETWEEN 0 AND allocated),
    PRIMARY KEY (line_id, balance_id)
);

CREATE INDEX reservation_sources_of_order ON reservation_sources (order_id);

CREATE INDEX reservation_sources_open ON reservation_sources (balance_id) WHERE reserved > 0 OR allocated > 0;

"""

_SHIPMENTS = """
CREATE SEQUENCE shipment_numbers;

CREATE TABLE shipments (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    order_id uuid NOT NULL REFERENCES order_reservations,
    order_number text,
    customer_id uuid NOT NULL,
    warehouse_id uuid NOT NULL REFERENCES warehouses,
    status text NOT NULL CHECK (status IN ('planned', 'shipped', 'delivered', 'cancelled')),
    ship_to jsonb,
    carrier text,
    tracking_number text,
    tracking_url text,
    cost_minor bigint,
    currency text,
    shipped_at timestamptz,
    delivered_at timestamptz,
    cancelled_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((cost_minor IS NULL) = (currency IS NULL)),
    CHECK ((status IN ('shipped', 'delivered')) = (shipped_at IS NOT NULL))
);

CREATE INDEX shipments_of_order ON shipments (order_id, id);

CREATE INDEX shipments_of_customer ON shipments (customer_id, id);

CREATE TABLE shipment_lines (
    shipment_id uuid NOT NULL REFERENCES shipments,
    line_id uuid NOT NULL REFERENCES reservation_lines,
    balance_id uuid NOT NULL REFERENCES stock_balances,
    customer_id uuid NOT NULL,
    position integer NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    serials text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (shipment_id, line_id, balance_id)
);

CREATE INDEX shipment_lines_of_line ON shipment_lines (line_id)
"""

_NAMES_OF_OWN = f"""
CREATE POLICY replica_items_portal ON replica_items TO {SERVICE}_portal
USING (EXISTS (SELECT 1 FROM stock_balances b WHERE b.sku = replica_items.sku))
"""  # noqa: S608  # our own names

# What a customer could get now, by warehouse. The function runs as the owner, because a portal user does not see the
# provider's stock, and itself refuses to look for a customer outside of the caller's scope.
_AVAILABILITY = f"""
CREATE FUNCTION available_to(customer uuid, wanted text[], dedicated boolean)
RETURNS TABLE (sku text, warehouse_id uuid, available bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT b.sku, b.warehouse_id,
           sum(greatest(0, b.on_hand - b.reserved - b.allocated - b.safety_stock))::bigint
    FROM stock_balances b JOIN warehouses w ON w.id = b.warehouse_id
    WHERE b.sku = ANY (wanted) AND w.status = 'active'
      AND (w.customer_id IS NULL AND b.owner_id IS NULL
           OR dedicated AND w.customer_id = customer AND (b.owner_id IS NULL OR b.owner_id = customer))
      AND (current_setting('role') = '{SERVICE}_staff' OR customer = ANY ({CUSTOMER_IDS}))
    GROUP BY b.sku, b.warehouse_id
$$
"""  # noqa: S608  # our own names
