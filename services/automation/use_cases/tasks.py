"""Tasks are made by people and by rules, changed, and closed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from automation.domain import rules as audiences
from automation.domain import tasks as domain
from automation.domain.rules import changes
from automation.errors import Changed
from automation.errors.tasks import TaskNotFound, TaskUnsuitable
from automation.events.tasks import task as task_event
from automation.tables.tasks import tasks
from automation.use_cases.rules import check_customer
from common import outbox, records
from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from common.records import Record

Body = Mapping[str, Any]

_DEFAULTS: Mapping[str, Any] = {
    **dict.fromkeys(("customer_id", "note", "due_on", "assignee", "run_id", "chain_id")),
    "audience": audiences.STAFF,
}


def create_task(session: Session, body: Body) -> str:
    """Makes a task, for staff unless it says otherwise, and returns its id; raises CustomerUnknown, TaskUnsuitable."""
    check_customer(session, body.get("customer_id"))
    if body.get("audience") == audiences.COMPANY and body.get("customer_id") is None:
        raise TaskUnsuitable(
            "Say whose people are to do it.", errors=[FieldError("/customer_id", "Is needed for this audience.")]
        )
    return write_tasks(session, [(session.info["context"], body)])[0]


def write_tasks(session: Session, wanted: Sequence[tuple[Context, Body]]) -> list[str]:
    """Writes new open tasks, each in the name of who acts by its context, and tells them; returns their ids."""
    made = [_new_record(session, context, fields) for context, fields in wanted]
    records.insert(session, tasks, made)
    present = session.info["context"]
    for (context, _fields), record in zip(wanted, made, strict=True):
        session.info["context"] = context
        outbox.add(session, task_event("created", record))
    session.info["context"] = present
    return [record["id"] for record in made]


def _new_record(session: Session, context: Context, fields: Body) -> Record:
    now = records.moment(session)
    return {
        **_DEFAULTS,
        **fields,
        "id": new_id(),
        "status": domain.OPEN,
        "created_by": context.actor,
        "created_by_label": context.actor_label,
        **dict.fromkeys(("closed_by", "closed_by_label", "closed_at")),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def change_task(session: Session, task_id: str, version: int, body: Body) -> None:
    """Changes fields of an open task; raises TaskNotFound, Changed, TaskClosed."""
    before = _locked(session, task_id)
    if before["version"] != version:
        raise Changed(f"The task is at version {before['version']} by now; read it again.")
    domain.check_open(before["status"])
    after = {**before, **body}
    differing = changes(before, after, domain.TASK_LABELS)
    if not differing:
        return
    after |= {"version": version + 1, "updated_at": records.moment(session)}
    records.update(session, tasks, [after])
    outbox.add(session, task_event("updated", after, differing))


def end_task(session: Session, task_id: str, status: str) -> None:
    """Closes an open task as `done` or `cancelled`; raises TaskNotFound, TaskClosed."""
    before = _locked(session, task_id)
    domain.check_open(before["status"])
    _end(session, before, status)


def end_if_open(session: Session, task_id: str, status: str) -> bool:
    """Closes a task where it is there and open; returns whether it was."""
    before = records.find(session, tasks, task_id, lock=True)
    if before is None or before["status"] != domain.OPEN:
        return False
    _end(session, before, status)
    return True


def _end(session: Session, before: Record, status: str) -> None:
    context: Context = session.info["context"]
    now = records.moment(session)
    after = before | {"status": status, "closed_by": context.actor, "closed_by_label": context.actor_label}
    after |= {"closed_at": now, "version": before["version"] + 1, "updated_at": now}
    records.update(session, tasks, [after])
    outbox.add(session, task_event("closed", after, changes(before, after, domain.TASK_LABELS)))


def _locked(session: Session, task_id: str) -> Record:
    record = records.find(session, tasks, task_id, lock=True)
    if record is None:
        raise TaskNotFound("There is no such task.")
    return record
