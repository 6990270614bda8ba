"""Inbound supplies, pre-orders that wait for them, and the days that are promised."""

from alembic import op

from common.migrations import CUSTOMER_IDS, allow_staff, protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERVICE = "warehouse"


def upgrade() -> None:
    for statement in _SUPPLIES.split(";\n\n"):
        op.execute(statement)
    allow_staff(SERVICE, "inbound_supplies")
    protect(SERVICE, "promised_dates")
    # What was promised stays; only whose it is follows the customer.
    op.execute(f"REVOKE UPDATE, DELETE ON promised_dates FROM {SERVICE}_staff")
    op.execute(f"GRANT UPDATE (customer_id) ON promised_dates TO {SERVICE}_staff")
    for statement in (_EXPECTED, _PLACES):
        op.execute(statement)
    for function in ("expected_for(uuid, text[], boolean)", "queue_places(uuid[])"):
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {SERVICE}_staff, {SERVICE}_portal")


_SUPPLIES = """
ALTER TABLE replica_items
    ADD COLUMN lead_days integer,
    ADD COLUMN preorderable boolean,
    ADD COLUMN available_from date;

ALTER TABLE reservation_lines
    ADD COLUMN preorder boolean NOT NULL DEFAULT false,
    ADD COLUMN listing_id uuid,
    ADD COLUMN dates bigint NOT NULL DEFAULT 0;

CREATE TABLE inbound_supplies (
    id uuid PRIMARY KEY,
    warehouse_id uuid NOT NULL REFERENCES warehouses,
    sku text NOT NULL REFERENCES skus,
    quantity bigint NOT NULL CHECK (quantity > 0),
    preorder_quantity bigint NOT NULL CHECK (preorder_quantity BETWEEN 0 AND quantity),
    received bigint NOT NULL DEFAULT 0 CHECK (received >= 0),
    served bigint NOT NULL DEFAULT 0 CHECK (served BETWEEN 0 AND received),
    expected_on date NOT NULL,
    reference text,
    status text NOT NULL CHECK (status IN ('expected', 'received', 'cancelled')),
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (status <> 'expected' OR received < quantity)
);

CREATE INDEX inbound_supplies_expected ON inbound_supplies (sku, expected_on) WHERE status = 'expected';

CREATE INDEX inbound_supplies_by_day ON inbound_supplies (expected_on, id);

CREATE INDEX inbound_supplies_of_warehouse ON inbound_supplies (warehouse_id);

CREATE TABLE promised_dates (
    line_id uuid NOT NULL REFERENCES reservation_lines,
    number bigint NOT NULL CHECK (number > 0),
    order_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    sku text NOT NULL,
    before date,
    after date NOT NULL,
    cause text NOT NULL CHECK (cause IN ('order', 'supply', 'listing')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (line_id, number)
);

CREATE INDEX promised_dates_of_order ON promised_dates (order_id, line_id, number);

CREATE FUNCTION refuse_to_rewrite_dates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the days that were promised are only ever added' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER promised_dates_are_only_added
BEFORE DELETE OR UPDATE OF line_id, number, order_id, sku, before, after, cause, created_at ON promised_dates
FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_dates()
"""

# What comes next for a customer. As with `available_to`, who asks sees no supply itself, only this of those that reach
# the customer.
_EXPECTED = f"""
CREATE FUNCTION expected_for(customer uuid, wanted text[], dedicated boolean)
RETURNS TABLE (sku text, expected_on date, quantity bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT ON (s.sku) s.sku, s.expected_on, sum(s.quantity - s.received)::bigint
    FROM inbound_supplies s JOIN warehouses w ON w.id = s.warehouse_id
    WHERE s.sku = ANY (wanted) AND s.status = 'expected' AND w.status = 'active'
      AND (w.customer_id IS NULL OR dedicated AND w.customer_id = customer)
      AND (current_setting('role') = '{SERVICE}_staff' OR customer = ANY ({CUSTOMER_IDS}))
    GROUP BY s.sku, s.expected_on
    ORDER BY s.sku, s.expected_on
$$
"""  # noqa: S608  # our own names

# At which place in its queue each line waits, among those of all customers.
_PLACES = f"""
CREATE FUNCTION queue_places(lines uuid[])
RETURNS TABLE (line_id uuid, place bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.line_id, 1 + (SELECT count(*) FROM reservation_lines o
                           WHERE o.sku = l.sku AND o.backordered > 0 AND o.queue_position < l.queue_position)
    FROM reservation_lines l
    WHERE l.line_id = ANY (lines) AND l.backordered > 0
      AND (current_setting('role') = '{SERVICE}_staff' OR l.customer_id = ANY ({CUSTOMER_IDS}))
$$
"""  # noqa: S608  # our own names
