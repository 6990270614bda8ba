"""Returns as an order shows them, from the request on."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in _RETURNS.split(";\n\n"):
        op.execute(statement)


# Rows from before are told anew by the next event of their return.
_RETURNS = """
ALTER TABLE replica_returns
    ADD COLUMN dedicated boolean NOT NULL DEFAULT false,
    ADD COLUMN created_at timestamptz,
    ADD COLUMN ended_at timestamptz
"""
