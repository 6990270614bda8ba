"""Links between customers, deals, roles of contacts, tax ids and exemptions."""

import sqlalchemy as sa
from alembic import op

from common.ids import new_id
from common.migrations import allow_staff, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERVICE = "customer"


def upgrade() -> None:
    for statement in _TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("link_types", "customer_links", "deal_stages", "deals", "contact_roles"):
        allow_staff(SERVICE, table)
    for table in ("contact_role_defaults", "tax_ids", "exemptions"):
        protect(SERVICE, table)
    op.execute(f"GRANT SELECT ON contact_roles TO {SERVICE}_portal")
    op.execute(f"CREATE POLICY contact_roles_portal ON contact_roles TO {SERVICE}_portal USING (true)")
    _seed("link_types", _LINK_TYPES)
    _seed("deal_stages", _DEAL_STAGES)
    _seed("contact_roles", _CONTACT_ROLES)
    # Roles that contacts have already stay usable.
    op.execute(
        "INSERT INTO contact_roles (id, code, label, position, version)"
        " SELECT gen_random_uuid(), role, role, 100, 0 FROM (SELECT DISTINCT unnest(roles) AS role FROM contacts) AS r"
        " ON CONFLICT DO NOTHING"
    )


def _seed(table: str, rows: list[dict[str, object]]) -> None:
    # At version 0, since no event has told of them: the first change is version 1, and no version is missing.
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        values = ", ".join(f":{name}" for name in row)
        statement = f"INSERT INTO {table} (id, version, {names}) VALUES (CAST(:id AS uuid), 0, {values})"  # noqa: S608
        op.execute(sa.text(statement).bindparams(id=new_id(), **row))


def _link_type(
    code: str, forward: str, reverse: str | None = None, *, kinds: tuple[str, str] = ("", ""), dated: bool = True
) -> dict[str, object]:
    return {
        "code": code,
        "forward_label": forward,
        "reverse_label": reverse or forward,
        "symmetric": reverse is None,
        "from_kinds": [kinds[0]] if kinds[0] else ["business", "person"],
        "to_kinds": [kinds[1]] if kinds[1] else ["business", "person"],
        "dated": dated,
    }


_LINK_TYPES = [
    _link_type("partner", "Partner of"),
    _link_type("franchise", "Franchisor of", "Franchisee of", kinds=("business", "")),
    _link_type("supply", "Supplies", "Supplied by"),
    _link_type("property_management", "Manages property for", "Property managed by"),
    _link_type("ownership", "Owns", "Owned by", kinds=("", "business")),
    _link_type("employment", "Employs", "Works for", kinds=("business", "person")),
    _link_type("household", "Same household as", kinds=("person", "person"), dated=False),
]
_DEAL_STAGES = [
    {"code": code, "label": label, "position": position}
    for position, (code, label) in enumerate(
        [("qualification", "Qualification"), ("proposal", "Proposal"), ("negotiation", "Negotiation")], start=1
    )
]
_CONTACT_ROLES = [
    {"code": code, "label": label, "position": position}
    for position, (code, label) in enumerate(
        [
            ("buyer", "Buyer"),
            ("approver", "Approver"),
            ("finance", "Finance"),
            ("admin", "Administrator"),
            ("technical", "Technical"),
            ("decision_maker", "Decision maker"),
            ("billing", "Billing"),
        ],
        start=1,
    )
]

_TABLES = """
CREATE TABLE link_types (
    id uuid PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    forward_label text NOT NULL CHECK (forward_label <> ''),
    reverse_label text NOT NULL CHECK (reverse_label <> ''),
    "symmetric" boolean NOT NULL,
    from_kinds text[] NOT NULL CHECK (from_kinds <> '{}' AND from_kinds <@ ARRAY['business', 'person']),
    to_kinds text[] NOT NULL CHECK (to_kinds <> '{}' AND to_kinds <@ ARRAY['business', 'person']),
    dated boolean NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT link_types_code UNIQUE (code),
    CONSTRAINT link_types_sides UNIQUE (id, "symmetric"),
    CONSTRAINT symmetric_reads_the_same CHECK (
        NOT "symmetric" OR (forward_label = reverse_label AND from_kinds = to_kinds))
);

CREATE TABLE customer_links (
    id uuid PRIMARY KEY,
    type_id uuid NOT NULL,
    "symmetric" boolean NOT NULL,
    from_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    to_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    valid_from date,
    valid_to date,
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_links_type FOREIGN KEY (type_id, "symmetric") REFERENCES link_types (id, "symmetric"),
    CONSTRAINT no_self_link CHECK (from_id <> to_id),
    CONSTRAINT symmetric_smaller_first CHECK (NOT "symmetric" OR from_id < to_id),
    CONSTRAINT link_period CHECK (valid_to >= valid_from)
);

CREATE UNIQUE INDEX one_open_link ON customer_links (type_id, from_id, to_id) WHERE valid_to IS NULL;

CREATE INDEX customer_links_from ON customer_links (from_id, id);

CREATE INDEX customer_links_to ON customer_links (to_id, id);

CREATE TABLE deal_stages (
    id uuid PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    label text NOT NULL CHECK (label <> ''),
    position integer NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT deal_stages_code UNIQUE (code)
);

CREATE TABLE deals (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (name <> ''),
    stage text NOT NULL REFERENCES deal_stages (code),
    status text NOT NULL CHECK (status IN ('open', 'won', 'lost')),
    lost_reason text,
    value_minor bigint CHECK (value_minor >= 0),
    value_currency text CHECK (value_currency ~ '^[A-Z]{3}$'),
    expected_close_on date,
    closed_at timestamptz,
    owner_id uuid,
    owner_label text,
    quote_ids uuid[] NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT lost_for_a_reason CHECK ((status = 'lost') = (lost_reason IS NOT NULL)),
    CONSTRAINT open_is_not_closed CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT value_is_whole CHECK ((value_minor IS NULL) = (value_currency IS NULL)),
    CONSTRAINT owner_is_whole CHECK ((owner_id IS NULL) = (owner_label IS NULL))
);

CREATE INDEX deals_of ON deals (customer_id, id);

CREATE INDEX deals_by_stage ON deals (stage, id);

CREATE INDEX deals_by_owner ON deals (owner_id, id) WHERE owner_id IS NOT NULL;

CREATE TABLE contact_roles (
    id uuid PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    label text NOT NULL CHECK (label <> ''),
    position integer NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contact_roles_code UNIQUE (code)
);

CREATE INDEX contacts_roles ON contacts USING gin (roles) WHERE roles <> '{}';

CREATE TABLE contact_role_defaults (
    customer_id uuid NOT NULL,
    role text NOT NULL,
    contact_id uuid NOT NULL,
    CONSTRAINT one_default_per_role PRIMARY KEY (customer_id, role) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT contact_role_defaults_contact FOREIGN KEY (customer_id, contact_id)
        REFERENCES contacts (customer_id, id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX contact_role_defaults_of ON contact_role_defaults (contact_id);

CREATE FUNCTION keep_contact_role_defaults() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contact_role_defaults WHERE contact_id = NEW.id;
    INSERT INTO contact_role_defaults (customer_id, role, contact_id)
        SELECT NEW.customer_id, role, NEW.id FROM unnest(NEW.default_for) AS role;
    RETURN NULL;
END $$;

CREATE TRIGGER contact_role_defaults_of_new AFTER INSERT ON contacts
    FOR EACH ROW WHEN (NEW.default_for <> '{}') EXECUTE FUNCTION keep_contact_role_defaults();

CREATE TRIGGER contact_role_defaults_of_changed AFTER UPDATE ON contacts
    FOR EACH ROW WHEN (OLD.default_for <> NEW.default_for OR OLD.customer_id <> NEW.customer_id)
    EXECUTE FUNCTION keep_contact_role_defaults();

CREATE TABLE tax_ids (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    scheme text NOT NULL CHECK (scheme <> ''),
    value text NOT NULL CHECK (value <> ''),
    check_state text NOT NULL DEFAULT 'unchecked'
        CHECK (check_state IN ('unchecked', 'valid', 'invalid', 'unreachable')),
    checked_at timestamptz,
    check_evidence text,
    last_valid_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tax_ids_once UNIQUE (customer_id, country, scheme, value),
    CONSTRAINT check_is_whole CHECK ((check_state = 'unchecked') = (checked_at IS NULL))
);

CREATE INDEX tax_ids_value ON tax_ids (country, scheme, value);

CREATE TABLE exemptions (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('exemption', 'resale')),
    reason text NOT NULL CHECK (reason <> ''),
    number text NOT NULL CHECK (number <> ''),
    jurisdictions text[] NOT NULL CHECK (jurisdictions <> '{}'),
    valid_from date NOT NULL,
    valid_to date,
    file_id uuid,
    verified_by text,
    verified_label text,
    verified_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT exemption_period CHECK (valid_to >= valid_from),
    CONSTRAINT verification_is_whole CHECK (
        (verified_by IS NULL) = (verified_at IS NULL) AND (verified_by IS NULL) = (verified_label IS NULL))
);

CREATE INDEX exemptions_of ON exemptions (customer_id, id)
"""
