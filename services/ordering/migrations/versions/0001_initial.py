"""Listings, their prices and who sees them, carts, and the customers that all this is for."""

from alembic import op

from common.importing.migration import create_importing
from common.migrations import CUSTOMER_IDS, allow_staff, create_mechanics, find_in_log, protect
from customer_replica import create_customer_replica

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "ordering"


def upgrade() -> None:
    create_mechanics(SERVICE)
    find_in_log()
    create_customer_replica(SERVICE)
    create_importing(SERVICE)
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table, rows in _SHOWN.items():
        allow_staff(SERVICE, table)
        op.execute(f"GRANT SELECT ON {table} TO {SERVICE}_portal")
        op.execute(f"CREATE POLICY {table}_portal ON {table} TO {SERVICE}_portal USING ({rows})")
    protect(SERVICE, "replica_portal_roles")
    for table in ("carts", "cart_lines"):
        protect(SERVICE, table, portal="SELECT, INSERT, UPDATE, DELETE")


_TABLES = """
CREATE TABLE listings (
    id uuid PRIMARY KEY,
    sku text NOT NULL CHECK (sku <> ''),
    name text NOT NULL CHECK (name <> ''),
    description text,
    kind text NOT NULL CHECK (kind IN ('stock', 'service', 'internal')),
    unit text NOT NULL CHECK (unit <> ''),
    category text,
    components jsonb NOT NULL DEFAULT '[]',
    owner_id uuid,
    audience text NOT NULL CHECK (audience IN ('global', 'tree', 'explicit')),
    status text NOT NULL CHECK (status IN ('draft', 'published', 'paused', 'retired')),
    backorder_policy text NOT NULL CHECK (backorder_policy IN ('none', 'limited', 'unlimited')),
    backorder_cap integer CHECK (backorder_cap > 0),
    lead_days integer CHECK (lead_days >= 0),
    preorderable boolean NOT NULL DEFAULT false,
    available_from date,
    preorder_from date,
    preorder_until date,
    return_days integer CHECK (return_days >= 0),
    words text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT only_limited_back_orders_have_a_cap CHECK ((backorder_policy = 'limited') = (backorder_cap IS NOT NULL)),
    CONSTRAINT a_tree_has_an_owner CHECK (owner_id IS NOT NULL OR audience <> 'tree'),
    CONSTRAINT internal_stays_in_its_tree CHECK (kind <> 'internal' OR (owner_id IS NOT NULL AND audience <> 'global')),
    CONSTRAINT pre_orders_have_a_day CHECK (NOT preorderable OR available_from IS NOT NULL),
    CONSTRAINT pre_orders_have_a_window CHECK (preorder_from <= preorder_until)
);

CREATE UNIQUE INDEX listings_sku ON listings (sku);

CREATE INDEX listings_by_name ON listings (name, id);

CREATE INDEX listings_of_category ON listings (category) WHERE category IS NOT NULL;

CREATE INDEX listings_of_owner ON listings (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE catalogue_rules (
    id uuid PRIMARY KEY,
    effect text NOT NULL CHECK (effect IN ('include', 'exclude')),
    listing_id uuid REFERENCES listings,
    category text,
    target_kind text NOT NULL CHECK (target_kind IN ('customer', 'group', 'role')),
    target_id uuid,
    role text,
    note text,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    CONSTRAINT about_a_listing_or_a_category CHECK (num_nonnulls(listing_id, category) = 1),
    CONSTRAINT for_one_target CHECK (
        (target_kind = 'role') = (role IS NOT NULL) AND (target_kind = 'role') = (target_id IS NULL))
);

CREATE UNIQUE INDEX catalogue_rules_once ON catalogue_rules
    (listing_id, category, target_kind, target_id, role) NULLS NOT DISTINCT;

CREATE INDEX catalogue_rules_of_target ON catalogue_rules (target_id) WHERE target_id IS NOT NULL;

CREATE INDEX catalogue_rules_of_category ON catalogue_rules (category) WHERE category IS NOT NULL;

CREATE TABLE price_lists (
    id uuid PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('standard', 'group', 'customer', 'contract')),
    target_id uuid,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    priority integer NOT NULL,
    valid_from date,
    valid_to date,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT only_standard_lists_are_for_all CHECK ((kind = 'standard') = (target_id IS NULL)),
    CONSTRAINT it_ends_after_it_begins CHECK (valid_from <= valid_to)
);

CREATE UNIQUE INDEX price_lists_code ON price_lists (code);

CREATE INDEX price_lists_of_target ON price_lists (target_id) WHERE target_id IS NOT NULL;

CREATE TABLE prices (
    id uuid PRIMARY KEY,
    list_id uuid NOT NULL REFERENCES price_lists,
    listing_id uuid NOT NULL REFERENCES listings,
    min_quantity integer NOT NULL CHECK (min_quantity > 0),
    valid_from date,
    valid_to date,
    unit_minor bigint NOT NULL CHECK (unit_minor >= 0),
    CONSTRAINT it_ends_after_it_begins CHECK (valid_from <= valid_to)
);

CREATE UNIQUE INDEX prices_once ON prices (listing_id, list_id, min_quantity, valid_from) NULLS NOT DISTINCT;

CREATE INDEX prices_of_list ON prices (list_id);

CREATE TABLE carts (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('cart', 'saved_list')),
    customer_id uuid NOT NULL,
    name text,
    owner text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX carts_of_customer ON carts (customer_id, kind, id);

CREATE TABLE cart_lines (
    id uuid PRIMARY KEY,
    cart_id uuid NOT NULL REFERENCES carts ON DELETE CASCADE,
    customer_id uuid NOT NULL,
    listing_id uuid NOT NULL REFERENCES listings,
    quantity integer NOT NULL CHECK (quantity > 0),
    UNIQUE (cart_id, listing_id)
);

CREATE TABLE replica_portal_roles (
    customer_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    accounts jsonb NOT NULL
)
"""

# A second wall behind the queries, which narrow further: to one customer, and by every rule.
_LINE = f"FROM customer_line({CUSTOMER_IDS})"
# The rules that a portal user reads are narrowed themselves.
_INCLUDED = (
    "id IN (SELECT listing_id FROM catalogue_rules WHERE effect = 'include')"
    " OR category IN (SELECT category FROM catalogue_rules WHERE effect = 'include')"
)
# In brackets of its own what the caller may see is found once, and not again for every row.
_OWN = f"((SELECT {CUSTOMER_IDS})::uuid[])"
_SHOWN = {
    "listings": f"status <> 'draft' AND (audience <> 'tree' OR owner_id IN (SELECT id {_LINE}) OR {_INCLUDED})"
    f" OR owner_id = ANY {_OWN}",
    "catalogue_rules": f"target_kind = 'role' OR target_id IN (SELECT id {_LINE})"
    f" OR target_id IN (SELECT group_id {_LINE})",
    "price_lists": f"kind = 'standard' OR target_id = ANY {_OWN}"
    f" OR target_id IN (SELECT group_id {_LINE} WHERE height = 0)",
    "prices": "list_id IN (SELECT id FROM price_lists)",
}
