"""Reminders of what ends: each once for 60, 30 and 7 days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, ColumnElement, Select, Table, or_, select
from sqlalchemy.orm import Session

from common import outbox
from common.outbox import Draft
from customer.domain.endings import THRESHOLDS, soon, threshold
from customer.use_cases import store
from customer.use_cases.locking import lock_customers
from customer.use_cases.store import Record

PORTION = 200


@dataclass(frozen=True, slots=True)
class Ending:
    """A table of things that end: with the day, the event that says so, and which of its rows count. The table also
    has `customer_id`, `version`, and `reminded`, the threshold that was said last."""

    table: Table
    ends: Column[date]
    announce: Callable[..., Draft]
    standing: ColumnElement[bool]


def remind(session: Session, ending: Ending) -> int:
    """Publishes the reminders that are due today, of a portion; returns how many."""
    today = store.today(session)
    due = session.execute(_due(ending, today)).mappings().all()
    lock_customers(session, sorted({record["customer_id"] for record in due}))
    # Read again under the locks: somebody may just have moved an end.
    these = select(ending.table).where(ending.table.c.id.in_([record["id"] for record in due]), ending.standing)
    reminded: list[Record] = []
    for record in map(store.as_record, session.execute(these).mappings()):
        day = record[ending.ends.name]
        days = day and threshold(day, today, record["reminded"])
        if days:
            reminded.append(record | {"reminded": days, "version": record["version"] + 1})
    store.update(session, ending.table, reminded)
    for record in reminded:
        left = (record[ending.ends.name] - today).days
        outbox.add(session, ending.announce(record, days=record["reminded"], days_left=left))
    return len(reminded)


def _due(ending: Ending, today: date) -> Select[tuple[str, str]]:
    said = ending.table.c.reminded
    reached = [(ending.ends <= soon(today, days)) & or_(said.is_(None), said > days) for days in THRESHOLDS]
    return (
        select(ending.table.c.id, ending.table.c.customer_id)
        .where(ending.ends >= today, ending.standing, or_(*reached))
        .order_by(ending.ends, ending.table.c.id)
        .limit(PORTION)
    )
