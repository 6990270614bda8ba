"""What happens here when a person is erased: a customer, a contact or an account."""

from sqlalchemy import text
from sqlalchemy.orm import Session

import customer_replica
from automation.events import privacy as events
from common import erasure, outbox
from common.envelope import Event
from customer_replica.merging import erase_person


def erase_customer(session: Session, event: Event) -> None:
    """Forgets what was to be done about the customer and in whose words, also in the log; that it was stays. Answers
    how much that was."""
    counts = {
        table: int(session.execute(statement, {"id": event.subject}).rowcount)  # type: ignore[attr-defined]
        for table, statement in _FORGET.items()
    }
    counts |= customer_replica.erase_customer(session, event)
    if event.data["request_id"] is not None:
        outbox.add(session, events.erasure_completed(event.data["request_id"], event.subject, counts))


def erase_contact(session: Session, event: Event) -> None:
    """Forgets an erased contact in the log, and answers how much that was; nothing here names one otherwise."""
    counts = erase_person(session, event)
    if event.data["request_id"] is not None:
        told = events.erasure_completed(event.data["request_id"], event.data["customer_id"], counts)
        outbox.add(session, told)


def erase_account(session: Session, event: Event) -> None:
    """Forgets the name of an erased account at the tasks that it made or closed, and in the log, there also of those
    events that it caused."""
    for statement in _FORGET_ACTOR:
        session.execute(statement, {"actor": f"portal:{event.subject}"})
    erase_person(session, event)
    erasure.erase_actor(session, event.subject)


_FORGET = {
    # A rule that has lost its words does nothing any more.
    "rules": text(
        """
        UPDATE automation_rules SET condition = '{"all": []}', enabled = false, paused_reason = NULL,
            actions = '[{"kind": "create_task", "title": "[erased]", "audience": "customer", "due_in_days": null,
                         "assignee": null}]'
        WHERE customer_id = CAST(:id AS uuid)
        """
    ),
    "runs": text(
        """
        UPDATE runs SET facts = '{}', actions = '[]', steps = '[]'
        WHERE event_customer_id = CAST(:id AS uuid) OR customer_id = CAST(:id AS uuid)
        """
    ),
    "tasks": text(
        """
        UPDATE tasks
        SET title = '[erased]', note = NULL, assignee = NULL, created_by_label = '[erased]',
            closed_by_label = CASE WHEN closed_by IS NOT NULL THEN '[erased]' END
        WHERE customer_id = CAST(:id AS uuid)
        """
    ),
}
_FORGET_ACTOR = (
    text("UPDATE tasks SET created_by_label = '[erased]' WHERE created_by = :actor"),
    text("UPDATE tasks SET closed_by_label = '[erased]' WHERE closed_by = :actor"),
)
