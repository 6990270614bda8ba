"""Custom fields, and installed systems with their secrets."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in together with its tables."""
