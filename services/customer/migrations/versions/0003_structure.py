"""Links between customers, deals, roles of contacts, tax ids and exemptions."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in together with its tables."""
