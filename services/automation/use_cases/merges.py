"""What follows a customer into another one when they are merged, and back when that is undone.

Every column with a customer is named here: it moves (PARTS), or it stays (STAYS, with the reason). A test compares this
with the database.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from automation.events.rules import rule
from automation.events.tasks import task
from automation.tables.rules import rules
from automation.tables.tasks import tasks
from common.outbox import Draft
from common.records import Record, as_record
from customer_replica.merging import Moved, Part, customer_change

Told = Sequence[Moved]


def _rows(session: Session, table: Table, moved: Told) -> list[Record]:
    statement = select(table).where(table.c.id.in_([one.id for one in moved])).order_by(table.c.id)
    return [as_record(row) for row in session.execute(statement).mappings()]


def _tell_rules(session: Session, moved: Told) -> list[Draft]:
    changes = {one.id: [customer_change(one)] for one in moved}
    return [rule("updated", row, changes[row["id"]]) for row in _rows(session, rules, moved)]


def _tell_tasks(session: Session, moved: Told) -> list[Draft]:
    changes = {one.id: [customer_change(one)] for one in moved}
    return [task("updated", row, changes[row["id"]]) for row in _rows(session, tasks, moved)]


PARTS: Final = (
    Part(table="automation_rules", tell=_tell_rules),
    # What was told of a run stays told; what it has yet to do, it does for the survivor.
    Part(table="runs"),
    Part(table="runs", column="event_customer_id"),
    Part(table="tasks", tell=_tell_tasks),
)

STAYS: Final[Mapping[tuple[str, str], str]] = {
    ("replica_customers", "parent_id"): "the customers' own events tell who is above them",
    ("outbox", "customer_id"): "what was said stays said, in the order in which it was",
    ("replica_merged_customers", "customer_id"): "it says who was merged",
    ("replica_merged_customers", "survivor_id"): "it says into whom",
    ("merge_moves", "customer_id"): "it says to whom what moved goes back",
}
