"""What happens here when a person is erased: a customer, or an account by whose acts something was charged."""

from sqlalchemy import text
from sqlalchemy.orm import Session

import customer_replica
from billing import events
from common import erasure, outbox
from common.envelope import Event


def erase_customer(session: Session, event: Event) -> None:
    """Forgets who the customer was and in which words was decided about its charges, also in the log; what was charged
    stays. Answers how much that was."""
    forgotten = session.execute(_FORGET, {"id": event.subject}).rowcount  # type: ignore[attr-defined]
    counts = {"billing_decisions": int(forgotten)} | customer_replica.erase_customer(session, event)
    if event.data["request_id"] is not None:
        outbox.add(session, events.erasure_completed(event.data["request_id"], event.subject, counts))


def erase_account(session: Session, event: Event) -> None:
    """Forgets an erased account as the one behind events."""
    erasure.erase_actor(session, event.subject)


_FORGET = text("UPDATE billing_decisions SET reason = NULL WHERE customer_id = :id AND reason IS NOT NULL")
