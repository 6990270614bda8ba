"""Where the logins of merged customers came from.

Revision ID: 0002
"""

from alembic import op

from common.migrations import allow_staff

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERVICE = "identity"


def upgrade() -> None:
    op.execute(TABLE)
    allow_staff(SERVICE, "merged_accounts")


TABLE = """
CREATE TABLE merged_accounts (
    merge_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    customer_id uuid NOT NULL,
    was_login boolean NOT NULL,
    was_enabled boolean NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (merge_id, account_id)
)
"""
