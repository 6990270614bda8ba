"""Properties, their assignments, location groups, moving in and out."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in together with its tables."""
