"""Duplicates, merges, and what an import changed."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in together with its tables."""
