"""What happens here when a customer that is a person is erased."""

from sqlalchemy import text
from sqlalchemy.orm import Session

import customer_replica
from common import outbox
from common.envelope import Event
from warehouse.events import privacy as events


def erase_customer(session: Session, event: Event) -> None:
    """Forgets where goods went and who the customer was, also in the log; what was moved stays. Answers how much that
    was."""
    counts = {
        table: int(session.execute(statement, {"id": event.subject}).rowcount)  # type: ignore[attr-defined]
        for table, statement in _FORGET.items()
    }
    counts |= customer_replica.erase_customer(session, event)
    if event.data["request_id"] is not None:
        outbox.add(session, events.erasure_completed(event.data["request_id"], event.subject, counts))


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
