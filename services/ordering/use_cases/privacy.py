"""What happens here when a customer that is a person is erased."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

import customer_replica
from common import outbox
from common.envelope import Event
from ordering.events import privacy as events
from ordering.tables.carts import carts
from ordering.use_cases.orders import erasing


def erase_customer(session: Session, event: Event) -> None:
    """Ends the carts of an erased customer, takes its people out of its orders, forgets who it was, also in the log, and
    answers how much that was."""
    gone = session.execute(delete(carts).where(carts.c.customer_id == event.subject))
    counts = {"carts": int(gone.rowcount)}  # type: ignore[attr-defined]
    counts |= erasing.erase_orders(session, event.subject)
    counts |= customer_replica.erase_customer(session, event)
    if event.data["request_id"] is not None:
        outbox.add(session, events.erasure_completed(event.data["request_id"], event.subject, counts))
