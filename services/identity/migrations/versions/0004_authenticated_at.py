"""When the person of a session last entered a password or second factor."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default serves the code of before while it still runs.
    op.execute("ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now()")
    op.execute("UPDATE sessions SET authenticated_at = created_at")
