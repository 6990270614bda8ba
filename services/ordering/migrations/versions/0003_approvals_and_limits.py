"""Approval rules, approvals with their decisions, delegations, purchase limits, and who may decide."""

from alembic import op

from common.migrations import allow_staff, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERVICE = "ordering"

_EDITED_BY_COMPANIES = ("approval_rules", "purchase_limits", "approval_policies", "approval_delegations")
_READ_BY_COMPANIES = (
    *("approval_flows", "approval_candidates", "approval_decisions", "limit_buckets", "limit_commitments"),
    "replica_contact_roles",
)


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in _EDITED_BY_COMPANIES:
        protect(SERVICE, table, portal="SELECT, INSERT, UPDATE, DELETE")
    for table in _READ_BY_COMPANIES:
        protect(SERVICE, table)
    allow_staff(SERVICE, "exchange_rates")
    # What a preview shows a company is converted by them.
    op.execute(f"GRANT SELECT ON exchange_rates TO {SERVICE}_portal")
    op.execute(f"CREATE POLICY exchange_rates_portal ON exchange_rates TO {SERVICE}_portal USING (true)")


_TABLES = """
CREATE TABLE approval_rules (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    priority integer NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'inactive')),
    predicate jsonb NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    roles text[] NOT NULL,
    account_ids uuid[] NOT NULL,
    tiers jsonb NOT NULL,
    inheritance text NOT NULL CHECK (inheritance IN ('inherit_and_add', 'replace', 'lock')),
    valid_from date,
    valid_to date,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (valid_from <= valid_to)
);

CREATE INDEX approval_rules_of_customer ON approval_rules (customer_id, id);

CREATE TABLE approval_policies (
    customer_id uuid PRIMARY KEY,
    self_approval_minor bigint CHECK (self_approval_minor >= 0),
    self_approval_currency text CHECK (self_approval_currency ~ '^[A-Z]{3}$'),
    version bigint NOT NULL CHECK (version > 0),
    updated_at timestamptz NOT NULL,
    CHECK ((self_approval_minor IS NULL) = (self_approval_currency IS NULL))
);

CREATE TABLE approval_flows (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    order_id uuid NOT NULL,
    order_number text NOT NULL,
    order_revision integer NOT NULL,
    requester_id uuid,
    requester_label text,
    behind uuid[] NOT NULL,
    self_approval boolean NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    content jsonb NOT NULL,
    content_hash text NOT NULL,
    facts jsonb NOT NULL,
    rules jsonb NOT NULL,
    tiers jsonb NOT NULL,
    tier integer NOT NULL CHECK (tier > 0),
    status text NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'cancelled', 'expired', 'superseded')),
    reason text,
    staff_for integer[] NOT NULL,
    escalation_level integer NOT NULL CHECK (escalation_level >= 0),
    due_at timestamptz NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((status = 'pending') = (ended_at IS NULL))
);

CREATE UNIQUE INDEX approval_flows_pending_of_order ON approval_flows (order_id) WHERE status = 'pending';

CREATE INDEX approval_flows_of_order ON approval_flows (order_id, id);

CREATE INDEX approval_flows_of_customer ON approval_flows (customer_id, id);

CREATE INDEX approval_flows_pending_of_customer ON approval_flows (customer_id) WHERE status = 'pending';

CREATE INDEX approval_flows_due ON approval_flows (due_at) WHERE status = 'pending';

CREATE TABLE approval_candidates (
    flow_id uuid NOT NULL REFERENCES approval_flows (id),
    requirement integer NOT NULL,
    account_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    label text,
    node uuid,
    via text NOT NULL CHECK (via IN ('rule', 'ancestor', 'company_admin', 'escalation', 'staff')),
    complete boolean NOT NULL,
    substitute boolean NOT NULL,
    PRIMARY KEY (flow_id, requirement, account_id)
);

CREATE INDEX approval_candidates_of_account ON approval_candidates (account_id, flow_id);

CREATE TABLE approval_decisions (
    id uuid PRIMARY KEY,
    flow_id uuid NOT NULL REFERENCES approval_flows (id),
    customer_id uuid NOT NULL,
    tier integer NOT NULL,
    account_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    actor_label text,
    on_behalf_of_label text,
    decision text NOT NULL CHECK (decision IN ('approve', 'reject')),
    comment text,
    self_approval boolean NOT NULL,
    channel text NOT NULL,
    decided_at timestamptz NOT NULL,
    CHECK (decision = 'approve' OR comment IS NOT NULL)
);

CREATE INDEX approval_decisions_of_flow ON approval_decisions (flow_id, id);

CREATE FUNCTION approval_decisions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - ARRAY['actor_label', 'on_behalf_of_label', 'comment'])
                          = (to_jsonb(OLD) - ARRAY['actor_label', 'on_behalf_of_label', 'comment'])
       AND coalesce(NEW.actor_label, '') IN ('[erased]', coalesce(OLD.actor_label, ''))
       AND coalesce(NEW.on_behalf_of_label, '') IN ('[erased]', coalesce(OLD.on_behalf_of_label, ''))
       AND coalesce(NEW.comment, '') IN ('[erased]', coalesce(OLD.comment, '')) THEN
        RETURN NEW;  -- a person who is erased is forgotten, what was decided is not
    END IF;
    RAISE EXCEPTION 'decisions are only added';
END $$;

CREATE TRIGGER approval_decisions_stay BEFORE UPDATE OR DELETE ON approval_decisions
FOR EACH ROW EXECUTE FUNCTION approval_decisions_stay();

CREATE TABLE approval_delegations (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    delegator_id uuid NOT NULL,
    delegator_label text,
    delegate_id uuid NOT NULL,
    delegate_label text,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text,
    revoked_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    CHECK (starts_at < ends_at),
    CHECK (delegator_id <> delegate_id)
);

CREATE INDEX approval_delegations_of_delegate ON approval_delegations (delegate_id, ends_at);

CREATE INDEX approval_delegations_of_customer ON approval_delegations (customer_id, id);

CREATE TABLE purchase_limits (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    scope text NOT NULL CHECK (scope IN ('user', 'role', 'branch', 'company')),
    account_id uuid,
    role text,
    kind text NOT NULL CHECK (kind IN ('per_order', 'per_period', 'qty_per_sku')),
    period text CHECK (period IN ('day', 'week', 'month', 'quarter', 'year', 'none')),
    zone text NOT NULL,
    amount_minor bigint CHECK (amount_minor >= 0),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    quantity bigint CHECK (quantity >= 0),
    sku text,
    basis text NOT NULL CHECK (basis = 'net'),
    action text NOT NULL CHECK (action IN ('block', 'require_approval', 'warn')),
    status text NOT NULL CHECK (status IN ('active', 'inactive')),
    valid_from date,
    valid_to date,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((scope = 'user') = (account_id IS NOT NULL)),
    CHECK ((scope = 'role') = (role IS NOT NULL)),
    CHECK ((amount_minor IS NULL) = (currency IS NULL)),
    CHECK (kind = 'qty_per_sku' OR quantity IS NULL),
    CHECK (kind <> 'qty_per_sku' OR amount_minor IS NULL),
    CHECK (valid_from <= valid_to)
);

CREATE INDEX purchase_limits_of_customer ON purchase_limits (customer_id, id);

CREATE TABLE limit_buckets (
    limit_id uuid NOT NULL REFERENCES purchase_limits (id) ON DELETE CASCADE,
    bucket text NOT NULL,
    period_start date NOT NULL,
    customer_id uuid NOT NULL,
    used bigint NOT NULL CHECK (used >= 0),
    ceiling bigint,
    strict boolean NOT NULL,
    PRIMARY KEY (limit_id, bucket, period_start)
);

CREATE TABLE limit_commitments (
    id uuid PRIMARY KEY,
    limit_id uuid NOT NULL REFERENCES purchase_limits (id) ON DELETE CASCADE,
    customer_id uuid NOT NULL,
    order_id uuid NOT NULL,
    bucket text NOT NULL,
    period_start date,
    amount bigint NOT NULL CHECK (amount >= 0),
    given_back bigint NOT NULL DEFAULT 0 CHECK (given_back BETWEEN 0 AND amount),
    order_minor bigint,
    rate numeric,
    rate_on date,
    rate_source text,
    action text NOT NULL CHECK (action IN ('block', 'require_approval', 'warn')),
    exceeded boolean NOT NULL,
    reason text,
    state text NOT NULL CHECK (state IN ('reserved', 'committed', 'released')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX limit_commitments_of_order ON limit_commitments (order_id) WHERE state <> 'released';

CREATE INDEX limit_commitments_of_limit ON limit_commitments (limit_id, id);

CREATE TABLE exchange_rates (
    base text NOT NULL CHECK (base ~ '^[A-Z]{3}$'),
    quote text NOT NULL CHECK (quote ~ '^[A-Z]{3}$' AND quote <> base),
    as_of date NOT NULL,
    rate numeric NOT NULL CHECK (rate > 0),
    source text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (base, quote, as_of)
);

ALTER TABLE replica_portal_roles ADD COLUMN accepted_parent_id uuid;

CREATE TABLE replica_contact_roles (
    contact_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    customer_id uuid,
    roles text[] NOT NULL DEFAULT '{}',
    gone boolean NOT NULL DEFAULT false
);

CREATE INDEX replica_contact_roles_managers ON replica_contact_roles (customer_id)
WHERE NOT gone AND 'manager' = ANY (roles)
"""
