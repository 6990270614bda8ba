"""Lifecycle, tags, custom fields and merges of customers; role defaults and custom fields of contacts."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in _CHANGES.split(";\n\n"):
        op.execute(statement)


_CHANGES = """
ALTER TABLE customers
    ADD COLUMN lifecycle text NOT NULL DEFAULT 'customer' CHECK (lifecycle IN ('lead', 'prospect', 'customer')),
    ADD COLUMN tag_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN merged_into uuid REFERENCES customers (id);

CREATE INDEX customers_tags ON customers USING gin (tag_ids) WHERE tag_ids <> '{}';

CREATE INDEX customers_merged ON customers (merged_into) WHERE merged_into IS NOT NULL;

ALTER TABLE contacts
    ADD COLUMN default_for text[] NOT NULL DEFAULT '{}' CHECK (default_for <@ roles),
    ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}'
"""
