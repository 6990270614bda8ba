"""Charges with the orders and deliveries that they come from, the accounts of customers, and decisions about what was
parked."""

from alembic import op

from common.migrations import allow_staff, create_mechanics, find_in_log, protect
from customer_replica import create_customer_replica
from customer_replica.merging.migration import create_customer_merges

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "billing"


def upgrade() -> None:
    create_mechanics(SERVICE)
    find_in_log()
    create_customer_replica(SERVICE)
    create_customer_merges(SERVICE)
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("replica_orders", "replica_order_lines", "waiting_deliveries"):
        allow_staff(SERVICE, table)
    for table in ("charges", "billing_accounts", "billing_decisions"):
        protect(SERVICE, table)
    # What was charged or decided stays: whose it is may change, what becomes of it, and which words are forgotten.
    for table, columns in _MUTABLE.items():
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {SERVICE}_staff")
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO {SERVICE}_staff")


_MUTABLE = {
    "charges": "customer_id, state, decision_id, version, updated_at",
    "billing_decisions": "customer_id, reason",
}

_TABLES = """
CREATE TABLE replica_orders (
    id uuid PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0,
    number text,
    customer_id uuid,
    currency text,
    CHECK (version = 0 OR customer_id IS NOT NULL AND currency IS NOT NULL)
);

CREATE INDEX replica_orders_of_customer ON replica_orders (customer_id);

CREATE TABLE replica_order_lines (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    order_id uuid NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    is_charged boolean NOT NULL
);

CREATE INDEX replica_order_lines_of_order ON replica_order_lines (order_id);

CREATE TABLE waiting_deliveries (
    source text NOT NULL CHECK (source IN ('shipment', 'return', 'claim')),
    source_id uuid NOT NULL,
    source_line_id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_id uuid NOT NULL,
    shipment_id uuid NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    delivered_on date NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (source, source_id, source_line_id)
);

CREATE INDEX waiting_deliveries_of_order ON waiting_deliveries (order_id);

CREATE INDEX waiting_deliveries_by_age ON waiting_deliveries (received_at);

CREATE TABLE billing_accounts (
    customer_id uuid PRIMARY KEY,
    totals jsonb NOT NULL DEFAULT '{}',
    parked_count bigint NOT NULL DEFAULT 0 CHECK (parked_count >= 0),
    parked_since date,
    last_decision jsonb,
    version bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL,
    CHECK ((parked_count > 0) = (parked_since IS NOT NULL))
);

CREATE INDEX billing_accounts_with_parked ON billing_accounts (customer_id) WHERE parked_count > 0;

CREATE TABLE billing_decisions (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    decision text NOT NULL CHECK (decision IN ('bill', 'waive')),
    from_day date CHECK (from_day IS NULL OR decision = 'bill'),
    reason text,
    count bigint NOT NULL CHECK (count > 0),
    sums jsonb NOT NULL,
    actor text NOT NULL,
    actor_label text NOT NULL,
    decided_at timestamptz NOT NULL
);

CREATE INDEX billing_decisions_of_customer ON billing_decisions (customer_id, id);

CREATE TABLE charges (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    order_id uuid NOT NULL,
    order_number text,
    line_id uuid NOT NULL,
    shipment_id uuid NOT NULL,
    source text NOT NULL CHECK (source IN ('shipment', 'return', 'claim')),
    source_id uuid NOT NULL,
    source_line_id uuid NOT NULL,
    credits_id uuid REFERENCES charges,
    sku text NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    delivered_on date NOT NULL,
    state text NOT NULL CHECK (state IN ('billable', 'parked', 'waived')),
    parked_because text CHECK (parked_because IN ('module_off', 'customer_unknown')),
    decision_id uuid REFERENCES billing_decisions DEFERRABLE INITIALLY DEFERRED,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (source, source_id, source_line_id),
    CHECK ((source = 'shipment') = (credits_id IS NULL)),
    CHECK (CASE WHEN credits_id IS NULL THEN quantity > 0 AND amount_minor >= 0
                ELSE quantity < 0 AND amount_minor <= 0 END),
    CHECK (state = 'billable' OR parked_because IS NOT NULL)
);

CREATE UNIQUE INDEX charges_of_shipment_line ON charges (shipment_id, line_id) WHERE credits_id IS NULL;

CREATE INDEX charges_of_customer ON charges (customer_id, id);

CREATE INDEX charges_of_customer_by_state ON charges (customer_id, state, id);

CREATE INDEX parked_charges ON charges (customer_id, delivered_on) WHERE state = 'parked';

CREATE INDEX charges_of_order ON charges (order_id)
"""
