"""Customers that sell: their listings with prices of their own, whom they offer them to, and their word on orders; and
bundles, which are ordered for a person or department."""

from alembic import op

from common.migrations import CUSTOMER_IDS, allow_staff, protect
from customer_replica import create_walks_of_others

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SERVICE = "ordering"


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    create_walks_of_others(SERVICE, "seller_walks", _SELLERS)
    protect(SERVICE, "replica_segment_members")
    # Who buys sees that its order waits for a seller's word, and who sells reaches the order by it.
    protect(SERVICE, "sales")
    op.execute(f"CREATE POLICY sales_seller ON sales FOR SELECT TO {SERVICE}_portal USING (seller_id = ANY {_OWN})")
    _replace_policies()
    _show_bundles()


def _replace_policies() -> None:
    portal = f"TO {SERVICE}_portal"
    op.execute("DROP POLICY listings_portal ON listings")
    op.execute(f"CREATE POLICY listings_portal ON listings FOR SELECT {portal} USING ({_LISTINGS})")
    op.execute(f"GRANT INSERT, UPDATE ON listings TO {SERVICE}_portal")
    op.execute(f"CREATE POLICY listings_made ON listings FOR INSERT {portal} WITH CHECK (owner_id = ANY {_OWN})")
    op.execute(f"CREATE POLICY listings_changed ON listings FOR UPDATE {portal} USING (owner_id = ANY {_OWN})")
    op.execute("DROP POLICY catalogue_rules_portal ON catalogue_rules")
    op.execute(f"CREATE POLICY catalogue_rules_portal ON catalogue_rules FOR SELECT {portal} USING ({_RULES})")
    op.execute(f"GRANT INSERT, UPDATE, DELETE ON catalogue_rules TO {SERVICE}_portal")
    op.execute(f"CREATE POLICY catalogue_rules_seller ON catalogue_rules {portal} USING (seller_id = ANY {_OWN})")


def _show_bundles() -> None:
    # Those of the provider, of the customer and of those above it; a customer changes its own.
    portal = f"ON bundles TO {SERVICE}_portal"
    allow_staff(SERVICE, "bundles")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON bundles TO {SERVICE}_portal")
    op.execute(f"CREATE POLICY bundles_portal {portal} USING (customer_id = ANY {_OWN})")
    shown = f"customer_id IS NULL OR customer_id IN (SELECT id {_LINE})"
    op.execute(f"CREATE POLICY bundles_shown ON bundles FOR SELECT TO {SERVICE}_portal USING ({shown})")


_LINE = f"FROM customer_line({CUSTOMER_IDS})"
_OWN = f"((SELECT {CUSTOMER_IDS})::uuid[])"
# The rules and contracts that a portal user reads are narrowed themselves.
_INCLUDED = (
    "id IN (SELECT listing_id FROM catalogue_rules WHERE effect = 'include'"
    " UNION ALL SELECT unnest(listing_ids) FROM contracts)"
    " OR category IN (SELECT category FROM catalogue_rules WHERE effect = 'include'"
    " UNION ALL SELECT unnest(categories) FROM contracts)"
)
# What a customer sells is for those whom it has named; what the provider offers is narrowed by the queries alone.
_LISTINGS = (
    f"status <> 'draft' AND (owner_id IS NULL OR audience = 'global' OR owner_id IN (SELECT id {_LINE}) OR {_INCLUDED})"
    f" OR owner_id = ANY {_OWN}"
)
_RULES = " OR ".join(
    (
        "target_kind = 'role'",
        f"target_id IN (SELECT id {_LINE})",
        f"target_id IN (SELECT group_id {_LINE})",
        "target_kind = 'segment' AND target_id IN (SELECT segment_id FROM replica_segment_members)",
        "target_kind = 'contract' AND target_id IN (SELECT id FROM contracts)",
    )
)

_TABLES = """
ALTER TABLE listings
    ADD COLUMN price_minor bigint CHECK (price_minor >= 0),
    ADD COLUMN price_currency text CHECK (price_currency ~ '^[A-Z]{3}$'),
    ADD COLUMN confirmation text NOT NULL DEFAULT 'owner' CHECK (confirmation IN ('owner', 'automatic')),
    ADD CONSTRAINT a_price_has_a_currency CHECK (num_nonnulls(price_minor, price_currency) <> 1),
    ADD CONSTRAINT only_sellers_price_a_listing CHECK (price_minor IS NULL OR owner_id IS NOT NULL);

CREATE UNIQUE INDEX listings_id_of_owner ON listings (id, owner_id);

CREATE INDEX listings_on_sale ON listings (owner_id) WHERE owner_id IS NOT NULL AND status = 'published';

ALTER TABLE catalogue_rules
    ADD COLUMN seller_id uuid,
    DROP CONSTRAINT catalogue_rules_target_kind_check,
    ADD CONSTRAINT catalogue_rules_target_kind_check
        CHECK (target_kind IN ('customer', 'group', 'segment', 'role', 'contract')),
    ADD CONSTRAINT a_seller_decides_about_its_own
        FOREIGN KEY (listing_id, seller_id) REFERENCES listings (id, owner_id) ON UPDATE CASCADE,
    ADD CONSTRAINT a_seller_names_listings_and_customers
        CHECK (seller_id IS NULL OR listing_id IS NOT NULL AND target_kind IN ('customer', 'group'));

DROP INDEX catalogue_rules_once;

CREATE UNIQUE INDEX catalogue_rules_once ON catalogue_rules
    (listing_id, category, target_kind, target_id, role, seller_id) NULLS NOT DISTINCT;

CREATE TABLE replica_segment_members (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    segment_id uuid,
    segment_name text,
    customer_id uuid,
    gone boolean NOT NULL DEFAULT false
);

CREATE INDEX replica_segment_members_of ON replica_segment_members (customer_id) WHERE NOT gone;

ALTER TABLE order_lines ADD COLUMN seller_id uuid;

CREATE INDEX order_lines_of_seller ON order_lines (seller_id) WHERE seller_id IS NOT NULL;

CREATE TABLE sales (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders,
    order_revision integer NOT NULL,
    customer_id uuid NOT NULL,
    seller_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'confirmed', 'declined', 'automatic')),
    decided_at timestamptz,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (order_id, seller_id),
    CONSTRAINT a_word_has_its_time CHECK ((decided_at IS NULL) = (state = 'waiting'))
);

CREATE INDEX sales_of_seller ON sales (seller_id, id);

CREATE INDEX sales_of_customer ON sales (customer_id);

ALTER TABLE orders ADD COLUMN assignment jsonb;

CREATE TABLE bundles (
    id uuid PRIMARY KEY,
    customer_id uuid,
    name text NOT NULL CHECK (name <> ''),
    description text,
    for_role text CHECK (for_role <> ''),
    for_org_unit text CHECK (for_org_unit <> ''),
    lines jsonb NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX bundles_name ON bundles (customer_id, name) NULLS NOT DISTINCT;

CREATE INDEX bundles_by_name ON bundles (name, id)
"""

# Who sells any of the wanted listings, or of all that are published.
_SELLERS = """
    SELECT owner_id FROM listings
    WHERE owner_id IS NOT NULL AND status = 'published' AND (wanted IS NULL OR id = ANY (wanted))
"""
