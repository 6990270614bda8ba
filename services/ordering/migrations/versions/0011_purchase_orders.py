"""Rules of purchase order numbers, and purchase orders that orders draw down."""

from alembic import op

from common.migrations import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SERVICE = "ordering"


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "po_rules", portal="SELECT, INSERT, UPDATE, DELETE")
    protect(SERVICE, "purchase_orders", portal="SELECT, INSERT, UPDATE")
    protect(SERVICE, "po_drawdowns")


_TABLES = """
CREATE TABLE po_rules (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL UNIQUE,
    required_from_minor bigint CHECK (required_from_minor >= 0),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    mask text CHECK (length(mask) BETWEEN 1 AND 80),
    "unique" text NOT NULL CHECK ("unique" IN ('refuse', 'warn', 'off')),
    status text NOT NULL CHECK (status IN ('active', 'inactive')),
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((required_from_minor IS NULL) = (currency IS NULL))
);

CREATE TABLE purchase_orders (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    number text NOT NULL,
    number_key text GENERATED ALWAYS AS (lower(number)) STORED,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    drawn_minor bigint NOT NULL DEFAULT 0 CHECK (drawn_minor >= 0),
    valid_from date,
    valid_to date,
    status text NOT NULL CHECK (status IN ('open', 'closed')),
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (valid_to >= valid_from)
);

CREATE UNIQUE INDEX purchase_orders_number ON purchase_orders (customer_id, number_key);

CREATE INDEX purchase_orders_of_customer ON purchase_orders (customer_id, id);

CREATE TABLE po_drawdowns (
    order_id uuid PRIMARY KEY,
    purchase_order_id uuid NOT NULL REFERENCES purchase_orders (id),
    customer_id uuid NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    given_back_minor bigint NOT NULL CHECK (given_back_minor BETWEEN 0 AND amount_minor),
    order_minor bigint NOT NULL CHECK (order_minor >= 0),
    rate numeric NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX po_drawdowns_of_purchase_order ON po_drawdowns (purchase_order_id, order_id)
"""
