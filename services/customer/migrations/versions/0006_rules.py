"""Tags, segments, saved filters, and the settings of groups."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in together with its tables."""
