"""Roles of people at customers other than their own, what flows down the tree, and finding a person in the log.

Revision ID: 0003
"""

from alembic import op

from common.migrations import CUSTOMER_IDS, find_in_log, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERVICE = "identity"

# Who has a grant at a customer is seen there; secrets stay with the customer that the account belongs to.
OF_OWN_CUSTOMERS = f"EXISTS (SELECT 1 FROM accounts a WHERE a.id = account_id AND a.customer_id = ANY ({CUSTOMER_IDS}))"  # noqa: S608
SECRETS = ("credentials", "second_factors", "links", "reset_requests")


def upgrade() -> None:
    find_in_log()
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    protect(SERVICE, "grants", portal="SELECT, INSERT, UPDATE, DELETE")
    op.execute(
        f"CREATE POLICY accounts_portal_guests ON accounts FOR SELECT TO {SERVICE}_portal"  # noqa: S608
        f" USING (EXISTS (SELECT 1 FROM grants g WHERE g.account_id = accounts.id))"
    )
    for table in SECRETS:
        op.execute(f"ALTER POLICY {table}_portal ON {table} USING ({OF_OWN_CUSTOMERS})")


TABLES = """
ALTER TABLE accounts
    ADD COLUMN visibility text NOT NULL DEFAULT 'node' CHECK (visibility IN ('own', 'node', 'subtree')),
    ADD CONSTRAINT accounts_see_what_they_reach CHECK (visibility <> 'subtree' OR subtree);

CREATE TABLE grants (
    customer_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    roles text[] NOT NULL CHECK (roles <> '{}'),
    subtree boolean NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('own', 'node', 'subtree')),
    merge_id uuid,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, account_id),
    CONSTRAINT grants_see_what_they_reach CHECK (visibility <> 'subtree' OR subtree)
);

CREATE INDEX grants_by_account ON grants (account_id);

ALTER TABLE customer_access ADD COLUMN accepted_parent_id uuid
"""
