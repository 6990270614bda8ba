"""A small believable data set; repeating it adds nothing."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automation.tables import entries, replica_customers
from automation.use_cases import create_entry
from common.context import context_for
from common.db import Database


def seed(database: Database) -> None:
    """Writes one entry about each of a few customers that have arrived, where there is none yet."""
    database.run(_first_entries, context=context_for("system:seed", "First set-up"))


def _first_entries(session: Session) -> None:
    if session.execute(select(func.count()).select_from(entries)).scalar_one():
        return
    for customer_id in session.execute(select(replica_customers.c.id).order_by("id").limit(3)).scalars().all():
        create_entry(session, {"customer_id": customer_id, "title": "First call"})
