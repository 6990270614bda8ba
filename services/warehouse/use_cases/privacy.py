"""What happens here when a person is erased: a customer, a contact or an account."""

from sqlalchemy import text
from sqlalchemy.orm import Session

import customer_replica
from common import erasure, outbox
from common.envelope import Event
from customer_replica.merging import erase_person
from warehouse.events import privacy as events
from warehouse.use_cases.assets import erasing


def erase_customer(session: Session, event: Event) -> None:
    """Forgets where goods went and who the customer was, also in the log; what was moved stays. Answers how much that
    was."""
    counts = {
        table: int(session.execute(statement, {"id": event.subject}).rowcount)  # type: ignore[attr-defined]
        for table, statement in _FORGET.items()
    }
    counts |= erasing.erase_customer(session, event.subject)
    counts |= customer_replica.erase_customer(session, event)
    if event.data["request_id"] is not None:
        outbox.add(session, events.erasure_completed(event.data["request_id"], event.subject, counts))


def erase_contact(session: Session, event: Event) -> None:
    """Forgets the name of an erased contact at what it has or asked for, and in the log, and answers how much that
    was."""
    counts = erasing.forget_people(session, sorted(event.data["erased_ids"])) | erase_person(session, event)
    if event.data["request_id"] is not None:
        told = events.erasure_completed(event.data["request_id"], event.data["customer_id"], counts)
        outbox.add(session, told)


def erase_account(session: Session, event: Event) -> None:
    """Forgets the name of an erased account, also in the log, and there of those events that it caused."""
    erasing.forget_account(session, event.subject)
    erase_person(session, event)
    erasure.erase_actor(session, event.subject)


_FORGET = {
    table: text(f"UPDATE {table} SET {change} WHERE customer_id = :id AND {personal}")  # noqa: S608  # our own names
    for table, change, personal in (
        ("order_reservations", "ship_to = NULL", "ship_to IS NOT NULL"),
        (
            "shipments",
            "ship_to = NULL, exception_note = NULL",
            "(ship_to IS NOT NULL OR exception_note IS NOT NULL)",
        ),
        *(
            (
                table,
                "note = NULL, reason = NULL, override_reason = NULL",
                "COALESCE(note, reason, override_reason) IS NOT NULL",
            )
            for table in ("returns", "claims")
        ),
        ("transfers", "note = NULL, reason = NULL", "COALESCE(note, reason) IS NOT NULL"),
    )
}
