"""Properties, their assignments, location groups, moving in and out."""

from alembic import op

from common.migrations import allow_staff, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERVICE = "customer"


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("location_groups", "properties", "moves"):
        allow_staff(SERVICE, table)
    protect(SERVICE, "assignments")
    # Of properties a portal user sees those that its customers have now; of assignments already only their own.
    op.execute(f"GRANT SELECT ON properties TO {SERVICE}_portal")
    op.execute(
        "CREATE POLICY properties_portal ON properties TO customer_portal USING (EXISTS ("
        "SELECT 1 FROM assignments WHERE assignments.property_id = properties.id AND assignments.state = 'current'))"
    )
    # How the provider sorts its places is its own affair: no row, but the statements that name the table run.
    op.execute(f"GRANT SELECT ON location_groups TO {SERVICE}_portal")
    op.execute(f"GRANT USAGE, UPDATE ON SEQUENCE property_numbers TO {SERVICE}_staff")


# A range is the only type whose exclusion constraint needs no extension, and a range has one axis. So each property has
# a stretch of 4,000,000 numbers, one for each day from the year 1 to 9999: two occupants at once are two ranges that
# overlap, and occupants of different properties never meet.
_TABLES = """
CREATE TABLE location_groups (
    id uuid PRIMARY KEY,
    parent_id uuid REFERENCES location_groups (id) CHECK (parent_id <> id),
    name text NOT NULL CHECK (name <> ''),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX location_groups_name ON location_groups (parent_id, lower(name)) NULLS NOT DISTINCT;

CREATE INDEX location_groups_by_name ON location_groups (name, id);

CREATE SEQUENCE property_numbers START 10001;

CREATE TABLE properties (
    id uuid PRIMARY KEY,
    stretch bigint GENERATED ALWAYS AS IDENTITY,
    number text NOT NULL CHECK (number <> ''),
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN
        ('building', 'apartment', 'office', 'shop', 'warehouse', 'plant', 'land', 'other')),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'closed')),
    line1 text NOT NULL CHECK (line1 <> ''),
    line2 text,
    city text NOT NULL CHECK (city <> ''),
    region text,
    postal_code text,
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    location_group_id uuid REFERENCES location_groups (id),
    words text[] NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT properties_number UNIQUE (number),
    CONSTRAINT properties_stretch UNIQUE (id, stretch)
);

CREATE INDEX properties_by_number ON properties (number, id);

CREATE INDEX properties_words ON properties USING gin (array_to_tsvector(words));

CREATE INDEX properties_located ON properties (location_group_id, number, id) WHERE location_group_id IS NOT NULL;

CREATE TABLE moves (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('in', 'out')),
    state text NOT NULL CHECK (state IN ('planned', 'executed', 'cancelled')),
    property_id uuid NOT NULL REFERENCES properties (id),
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'occupant', 'manager', 'payer')),
    day date NOT NULL,
    ends jsonb NOT NULL DEFAULT '[]',
    services jsonb NOT NULL DEFAULT '[]',
    bill_to jsonb,
    ship_to jsonb,
    invite jsonb,
    reason text,
    executed_at timestamptz,
    cancelled_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'executed') = (executed_at IS NOT NULL)),
    CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL))
);

CREATE INDEX moves_of_property ON moves (property_id, day, id);

CREATE INDEX moves_of_customer ON moves (customer_id, day, id);

CREATE INDEX moves_by_day ON moves (kind, day, id);

CREATE INDEX moves_due ON moves (day) WHERE state = 'planned';

CREATE TABLE assignments (
    id uuid PRIMARY KEY,
    property_id uuid NOT NULL,
    stretch bigint NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'occupant', 'manager', 'payer')),
    starts_on date NOT NULL,
    until date CHECK (until > starts_on),
    state text NOT NULL CHECK (state IN ('planned', 'current', 'ended')),
    move_id uuid REFERENCES moves (id) ON DELETE SET NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (property_id, stretch) REFERENCES properties (id, stretch),
    CONSTRAINT one_occupant EXCLUDE USING gist (
        int8range(stretch * 4000000 + (starts_on - DATE '0001-01-01'),
                  stretch * 4000000 + coalesce(until - DATE '0001-01-01', 3999999)) WITH &&)
        WHERE (role = 'occupant')
);

CREATE INDEX assignments_of_property ON assignments (property_id, starts_on, id);

CREATE INDEX assignments_of_customer ON assignments (customer_id, starts_on, id);

CREATE INDEX assignments_move ON assignments (move_id) WHERE move_id IS NOT NULL;

CREATE INDEX assignments_to_start ON assignments (starts_on) WHERE state = 'planned';

CREATE INDEX assignments_to_end ON assignments (until) WHERE state = 'current' AND until IS NOT NULL
"""
