"""Tasks as they are shown, with the rules that made them. A company learns of its own rules alone."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from automation.errors.tasks import TaskNotFound
from automation.tables.rules import runs
from automation.tables.tasks import tasks
from common.paging import Key, keyset
from common.web import Page
from customer_replica import replica_customers


def task(session: Session, task_id: str) -> Mapping[str, Any]:
    """One task; raises TaskNotFound."""
    row = session.execute(_shown().where(tasks.c.id == task_id)).mappings().one_or_none()
    if row is None:
        raise TaskNotFound("There is no such task.")
    return dict(row)


def task_page(session: Session, query: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Tasks, the newest first."""
    statement = _shown()
    for name in ("customer_id", "audience", "status", "assignee", "chain_id"):
        if name in query:
            statement = statement.where(tasks.c[name] == query[name])
    if "made_by_rule" in query:
        made = tasks.c.run_id
        statement = statement.where(made.is_not(None) if query["made_by_rule"] else made.is_(None))
    found = keyset(session, statement, [Key(tasks.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([dict(row) for row in found.rows], found.next_cursor)


def _shown() -> Select[Any]:
    # Whose rows these are, the database decides: to a company the provider's rules and runs are not there.
    return (
        select(tasks, replica_customers.c.name.label("customer_name"), runs.c.rule_id, runs.c.rule_name)
        .outerjoin(replica_customers, replica_customers.c.id == tasks.c.customer_id)
        .outerjoin(runs, runs.c.id == tasks.c.run_id)
    )
