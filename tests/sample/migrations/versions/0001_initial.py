"""Things of customers."""

from alembic import op

from common.migrations import create_mechanics, find_in_log, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_mechanics("sample")
    find_in_log()
    op.execute(
        "CREATE TABLE things (id uuid PRIMARY KEY, customer_id uuid NOT NULL, name text NOT NULL, rank integer,"
        " version bigint NOT NULL DEFAULT 1)"
    )
    protect("sample", "things", portal="SELECT, INSERT")
