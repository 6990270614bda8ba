"""Certificates are reminded of before they end."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE exemptions ADD COLUMN reminded integer")
    op.execute("CREATE INDEX exemptions_ending ON exemptions (valid_to) WHERE valid_to IS NOT NULL")
