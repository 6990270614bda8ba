"""Finding a person in the log."""

from common.migrations import find_in_log

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    find_in_log()
