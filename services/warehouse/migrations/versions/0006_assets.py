"""What companies have: assets with their history, and requests for them."""

from alembic import op

from common.migrations import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SERVICE = "warehouse"


def upgrade() -> None:
    for statement in (_ASSETS + _REQUESTS).split(";\n\n"):
        op.execute(statement)
    # A company keeps its own inventory.
    for table in ("assets", "asset_requests"):
        protect(SERVICE, table, portal="SELECT, INSERT, UPDATE")
    protect(SERVICE, "asset_history", portal="SELECT, INSERT")
    op.execute(f"GRANT USAGE ON SEQUENCE asset_tags, asset_request_numbers TO {SERVICE}_staff, {SERVICE}_portal")


_ASSETS = """
CREATE SEQUENCE asset_tags;

CREATE TABLE assets (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    tag text NOT NULL CHECK (tag <> ''),
    serial text CHECK (serial <> ''),
    name text NOT NULL CHECK (name <> ''),
    model text,
    sku text,
    status text NOT NULL CHECK (
        status IN ('in_stock', 'reserved', 'deployed', 'in_repair', 'in_transit', 'lost', 'retired')),
    after_repair text CHECK (after_repair IN ('in_stock', 'deployed')),
    custodian_id uuid,
    custodian_label text,
    property_id uuid,
    location text,
    warehouse_id uuid REFERENCES warehouses,
    request_id uuid,
    warranty_until date,
    purchased_on date,
    note text,
    reason text,
    order_id uuid,
    order_number text,
    shipment_id uuid REFERENCES shipments,
    line_id uuid,
    retired_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((after_repair IS NOT NULL) = (status = 'in_repair')),
    CHECK ((request_id IS NOT NULL) = (status = 'reserved')),
    CHECK ((retired_at IS NOT NULL) = (status = 'retired'))
);

CREATE UNIQUE INDEX assets_tag ON assets (customer_id, lower(tag));

CREATE UNIQUE INDEX assets_serial ON assets (customer_id, lower(serial)) WHERE status <> 'retired';

CREATE INDEX assets_of_customer ON assets (customer_id, id);

CREATE INDEX assets_of_custodian ON assets (custodian_id) WHERE custodian_id IS NOT NULL;

CREATE INDEX assets_of_shipment ON assets (shipment_id, line_id) WHERE shipment_id IS NOT NULL;

CREATE TABLE asset_history (
    id uuid PRIMARY KEY,
    asset_id uuid NOT NULL REFERENCES assets,
    customer_id uuid NOT NULL,
    version bigint NOT NULL,
    command text NOT NULL,
    changes jsonb NOT NULL,
    request_id uuid,
    actor text NOT NULL,
    actor_label text NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (asset_id, version)
);

CREATE INDEX asset_history_of_customer ON asset_history (customer_id);

CREATE INDEX asset_history_by_actor ON asset_history (actor) WHERE actor LIKE 'portal:%';

CREATE FUNCTION keep_the_history_of_assets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Persons are erased from it, and it moves with a merged customer; what happened and when stays.
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.asset_id, NEW.version, NEW.command, NEW.request_id, NEW.actor, NEW.created_at)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.asset_id, OLD.version, OLD.command, OLD.request_id, OLD.actor, OLD.created_at) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the history of assets is only ever added to' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER history_of_assets_is_only_added BEFORE UPDATE OR DELETE ON asset_history
FOR EACH ROW EXECUTE FUNCTION keep_the_history_of_assets();

CREATE TRIGGER history_of_assets_is_never_emptied BEFORE TRUNCATE ON asset_history
FOR EACH STATEMENT EXECUTE FUNCTION keep_the_history_of_assets();

"""

# An asset that is promised is so to one request: by `request_id` of the asset and, from the other side, by the index.
_REQUESTS = """
CREATE SEQUENCE asset_request_numbers;

CREATE TABLE asset_requests (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    customer_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('requested', 'approved', 'on_hold', 'fulfilled', 'denied', 'cancelled')),
    held_from text CHECK (held_from IN ('requested', 'approved')),
    named_asset_id uuid REFERENCES assets,
    sku text,
    model text,
    asset_id uuid REFERENCES assets,
    custodian_id uuid,
    custodian_label text,
    property_id uuid,
    location text,
    needed_on date,
    note text,
    reason text,
    requested_by text NOT NULL,
    requester_label text NOT NULL,
    decided_by text,
    decided_label text,
    decided_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (num_nonnulls(named_asset_id, sku, model) > 0),
    CHECK ((held_from IS NOT NULL) = (status = 'on_hold')),
    CHECK (status <> 'approved' OR asset_id IS NOT NULL),
    CHECK ((ended_at IS NOT NULL) = (status IN ('fulfilled', 'denied', 'cancelled')))
);

CREATE UNIQUE INDEX asset_requests_promised ON asset_requests (asset_id)
WHERE status = 'approved' OR held_from = 'approved';

CREATE INDEX asset_requests_of_customer ON asset_requests (customer_id, id);

CREATE INDEX asset_requests_of_asset ON asset_requests (asset_id) WHERE asset_id IS NOT NULL;

CREATE INDEX asset_requests_open ON asset_requests (customer_id) WHERE ended_at IS NULL
"""
