"""Notes, follow-ups, files and compliance documents."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in together with its tables."""
