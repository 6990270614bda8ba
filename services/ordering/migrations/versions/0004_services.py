"""Services in use, contracts, quotes and standing orders."""

from alembic import op

from common.migrations import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERVICE = "ordering"


def upgrade() -> None:
    for statement in (_SERVICES + _CONTRACTS + _QUOTES + _STANDING_ORDERS).split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "contracts")
    protect(SERVICE, "quotes", portal="SELECT, INSERT, UPDATE")
    protect(SERVICE, "quote_revisions", portal="SELECT, INSERT")
    protect(SERVICE, "standing_orders", portal="SELECT, INSERT, UPDATE")
    protect(SERVICE, "standing_order_runs", portal="SELECT, INSERT")
    # What was offered stays as it was; only the names of people who are erased go.
    op.execute(f"REVOKE UPDATE, DELETE ON quote_revisions FROM {SERVICE}_staff")
    op.execute(f"GRANT UPDATE (note, made_by_label) ON quote_revisions TO {SERVICE}_staff")
    op.execute(f"GRANT USAGE ON SEQUENCE quote_numbers TO {SERVICE}_staff, {SERVICE}_portal")
    op.execute(f"GRANT USAGE ON SEQUENCE contract_numbers TO {SERVICE}_staff")
    protect(SERVICE, "services", portal="SELECT, INSERT, UPDATE")
    op.execute(f"GRANT USAGE ON SEQUENCE service_numbers TO {SERVICE}_staff, {SERVICE}_portal")


_SERVICES = """
CREATE SEQUENCE service_numbers;

CREATE TABLE services (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    customer_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'active', 'return_requested', 'ended', 'replaced', 'lost')),
    order_id uuid,
    order_number text,
    order_line_id uuid,
    move_id uuid,
    return_id uuid,
    listing_id uuid,
    sku text,
    name text NOT NULL CHECK (name <> ''),
    unit text,
    quantity bigint NOT NULL CHECK (quantity > 0),
    serial text CHECK (serial <> ''),
    property_id uuid,
    property_label text,
    org_unit_id uuid,
    org_unit_label text,
    person_id uuid,
    person_label text,
    cost_centre text,
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    unit_price_minor bigint CHECK (unit_price_minor >= 0),
    price_source jsonb,
    charges jsonb NOT NULL DEFAULT '[]',
    started_on date,
    ends_on date,
    renewal text NOT NULL DEFAULT 'none' CHECK (renewal IN ('none', 'automatic')),
    term_months integer CHECK (term_months > 0),
    ended_on date,
    wanted_on date,
    reason text,
    note text,
    replaces_id uuid,
    replaced_by_id uuid,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT one_serial_is_one_unit CHECK (serial IS NULL OR quantity = 1),
    CONSTRAINT what_is_in_use_has_begun CHECK (status IN ('pending', 'ended') OR started_on IS NOT NULL),
    CONSTRAINT what_is_over_has_ended
        CHECK ((ended_on IS NULL) = (status IN ('pending', 'active', 'return_requested'))),
    CONSTRAINT it_ends_after_it_begins CHECK (started_on <= ended_on),
    CONSTRAINT what_renews_itself_has_a_term
        CHECK (renewal <> 'automatic' OR term_months IS NOT NULL AND ends_on IS NOT NULL)
);

CREATE INDEX services_of_customer ON services (customer_id, id);

CREATE INDEX services_by_status ON services (status, id);

CREATE INDEX services_of_line ON services (order_line_id) WHERE order_line_id IS NOT NULL;

CREATE UNIQUE INDEX services_one_waits ON services (order_line_id) WHERE status = 'pending';

CREATE INDEX services_of_move ON services (move_id) WHERE move_id IS NOT NULL;

CREATE INDEX services_at_property ON services (property_id, id) WHERE property_id IS NOT NULL;

CREATE INDEX services_of_person ON services (person_id, id) WHERE person_id IS NOT NULL;

CREATE INDEX services_of_org_unit ON services (org_unit_id, id) WHERE org_unit_id IS NOT NULL;

CREATE INDEX services_serial_begins ON services (lower(serial) text_pattern_ops) WHERE serial IS NOT NULL;

CREATE INDEX services_number_begins ON services (lower(number) text_pattern_ops);

CREATE INDEX services_that_end ON services (ends_on) WHERE status IN ('active', 'return_requested');

"""

_CONTRACTS = """
CREATE SEQUENCE contract_numbers;

CREATE TABLE contracts (
    id uuid PRIMARY KEY,
    number text NOT NULL CHECK (number <> ''),
    customer_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    status text NOT NULL CHECK (status IN ('draft', 'active', 'ended')),
    valid_from date NOT NULL,
    valid_to date,
    price_list_id uuid REFERENCES price_lists,
    listing_ids uuid[] NOT NULL DEFAULT '{}',
    categories text[] NOT NULL DEFAULT '{}',
    renewal text NOT NULL CHECK (renewal IN ('none', 'automatic')),
    renewal_months integer CHECK (renewal_months > 0),
    notice_days integer NOT NULL CHECK (notice_days >= 0),
    terms text,
    file_id uuid,
    note text,
    reason text,
    activated_at timestamptz,
    ended_on date,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT it_ends_after_it_begins CHECK (valid_from <= valid_to),
    CONSTRAINT what_is_over_has_ended CHECK ((ended_on IS NULL) = (status <> 'ended')),
    CONSTRAINT what_holds_was_activated CHECK (status <> 'active' OR activated_at IS NOT NULL),
    CONSTRAINT what_renews_itself_has_a_term
        CHECK (renewal <> 'automatic' OR renewal_months IS NOT NULL AND valid_to IS NOT NULL)
);

CREATE UNIQUE INDEX contracts_number ON contracts (number);

CREATE INDEX contracts_of_customer ON contracts (customer_id, id);

CREATE UNIQUE INDEX contracts_one_of_list ON contracts (price_list_id)
WHERE price_list_id IS NOT NULL AND status <> 'ended';

CREATE INDEX contracts_that_end ON contracts (valid_to) WHERE status = 'active';

"""

_QUOTES = """
CREATE SEQUENCE quote_numbers;

CREATE TABLE quotes (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    customer_id uuid NOT NULL,
    requester_id uuid,
    requester_label text,
    status text NOT NULL CHECK (status IN ('requested', 'drafted', 'sent', 'accepted', 'declined', 'expired')),
    revision integer NOT NULL CHECK (revision > 0),
    sent_revision integer CHECK (sent_revision BETWEEN 1 AND revision),
    request_note text,
    reason text,
    order_id uuid,
    sent_at timestamptz,
    decided_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (status NOT IN ('sent', 'accepted', 'expired') OR sent_revision IS NOT NULL),
    CHECK (status <> 'accepted' OR order_id IS NOT NULL)
);

CREATE INDEX quotes_of_customer ON quotes (customer_id, id);

CREATE INDEX quotes_by_status ON quotes (status, id);

CREATE TABLE quote_revisions (
    id uuid PRIMARY KEY,
    quote_id uuid NOT NULL REFERENCES quotes,
    customer_id uuid NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    lines jsonb NOT NULL,
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    total_minor bigint CHECK (total_minor >= 0),
    valid_until date,
    note text,
    made_by text NOT NULL,
    made_by_label text,
    created_at timestamptz NOT NULL,
    UNIQUE (quote_id, revision)
);

ALTER TABLE orders DROP CONSTRAINT orders_source_check;

ALTER TABLE orders ADD CONSTRAINT orders_source_check
CHECK (source IN ('portal', 'staff', 'api', 'import', 'quote', 'standing_order', 'system'));

"""

_STANDING_ORDERS = """
CREATE TABLE standing_orders (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    owner text NOT NULL,
    owner_label text,
    status text NOT NULL CHECK (status IN ('active', 'paused', 'ended')),
    lines jsonb NOT NULL,
    every integer NOT NULL CHECK (every > 0),
    unit text NOT NULL CHECK (unit IN ('days', 'weeks', 'months')),
    starts_on date NOT NULL,
    next_on date,
    ends_on date,
    po_number text,
    ship_to jsonb,
    note text,
    last_outcome text CHECK (last_outcome IN ('ordered', 'refused')),
    last_code text,
    last_detail text,
    last_order_id uuid,
    last_on date,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT what_goes_on_has_a_next_day CHECK ((next_on IS NULL) = (status = 'ended'))
);

CREATE INDEX standing_orders_of_customer ON standing_orders (customer_id, id);

CREATE INDEX standing_orders_due ON standing_orders (next_on, id) WHERE status = 'active';

CREATE TABLE standing_order_runs (
    id uuid PRIMARY KEY,
    standing_order_id uuid NOT NULL REFERENCES standing_orders,
    customer_id uuid NOT NULL,
    due_on date NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('ordered', 'refused')),
    order_id uuid,
    code text,
    detail text,
    created_at timestamptz NOT NULL,
    UNIQUE (standing_order_id, due_on)
)
"""
